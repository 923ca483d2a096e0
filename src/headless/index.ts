/**
 * Training in headless Chrome, from Node: `trainHeadless` runs a page, shows its progress and brings its files back.
 *
 * @module
 */
export { HeadlessError } from "./headlessError.ts";
export type { HeadlessDevice, HeadlessJob, HeadlessPage, HeadlessRun, HeadlessStep } from "./protocol.ts";
export { type HeadlessOptions, type HeadlessResult, trainHeadless } from "./trainHeadless.ts";
