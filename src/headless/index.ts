/**
 * Training in headless Chrome, from Node: `trainHeadless` runs a page, shows its progress and brings its files back. It needs
 * the package `puppeteer` or `puppeteer-core`, which is loaded on use.
 *
 * @example
 * ```ts
 * import { trainHeadless } from "torchlet/headless";
 *
 * const { result, files } = await trainHeadless({ page: "train.html", data: "datasets", device: "webgpu" });
 * ```
 * and in the script of `train.html`:
 * ```ts
 * import type { HeadlessPage } from "torchlet/headless";
 *
 * await (globalThis as HeadlessPage).headlessRun?.(async (run) => {
 *   const device = await init({ device: run.device });
 *   const loader = await loadMnist(run.data ?? "/datasets", { batchSize: 200 });
 *   return fit(loader, loader, model, lossFn, optimizer, 10, { device, onStep: run.onStep, onEpoch: run.onEpoch });
 * });
 * ```
 *
 * @module torchlet/headless
 */
export { HeadlessError } from "./headlessError.ts";
export type { HeadlessDevice, HeadlessJob, HeadlessPage, HeadlessRun, HeadlessStep } from "./protocol.ts";
export { type HeadlessOptions, type HeadlessResult, trainHeadless } from "./trainHeadless.ts";
