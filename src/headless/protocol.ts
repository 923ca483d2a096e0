import type { Failure } from "../core/failure.ts";
import type { EpochInfo } from "../train/fit.ts";

/** Which device the page is to take: what `init` takes. `"auto"` leaves the choice to it. */
export type HeadlessDevice = "auto" | "cpu" | "webgpu";

/** Where training stands, as a page tells it. */
export interface HeadlessStep {
  /** The epoch, from 1. */
  readonly epoch: number;
  /** How many there are to be; without it the first epoch has no bar. */
  readonly epochs?: number | undefined;
  /** Steps done in this epoch, from 1. */
  readonly step: number;
  /** Steps in an epoch, where they are known. */
  readonly steps: number | undefined;
  /** In the page the samples of this step; at the runner those of all steps since the last report. */
  readonly samples: number;
}

/**
 * What a page's job is given: what to do, and the functions that tell the runner how it goes. They fit `fit`'s options:
 * `fit(…, { onStep: run.onStep, onEpoch: run.onEpoch, signal: run.signal })`.
 */
export interface HeadlessRun<Args = unknown> {
  /** The runner's `args`, carried over as JSON. */
  readonly args: Args;
  /** For `init({ device })`. */
  readonly device: HeadlessDevice;
  /** URL of the runner's data folder, for `loadMnist`; undefined where it serves none. */
  readonly data: string | undefined;
  /** Aborted when the runner's signal is: the job should end soon, between two steps, and may still hand over files. */
  readonly signal: AbortSignal;
  /** Moves the bar. Told to the runner at most ten times a second, and at the end of an epoch. */
  readonly onStep: (step: HeadlessStep) => void;
  /** Hands over an epoch's numbers; resolves when the runner is done with them. @throws TypeError if one is no number */
  readonly onEpoch: (info: EpochInfo) => Promise<void>;
  /** Hands over a file; resolves when the runner has it. @throws TypeError for anything but bytes */
  readonly saveFile: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Hands any other JSON value to the runner's `onMessage`; resolves when that is done with it. */
  readonly post: (value: unknown) => Promise<void>;
}

/** The work of a page. What it returns (JSON) is the run's result; what it throws fails the run. */
export type HeadlessJob<Args = unknown> = (run: HeadlessRun<Args>) => unknown;

/**
 * The globals of a page under `trainHeadless`; elsewhere `headlessRun` is undefined. A page needs no import for it:
 * `await (globalThis as HeadlessPage).headlessRun?.(async (run) => { … })`.
 */
export interface HeadlessPage<Args = unknown> {
  /**
   * Runs the page's job; to be called once. Resolves when the runner knows how it ended, and never rejects. Undefined where no
   * runner opened the page.
   */
  readonly headlessRun?: (job: HeadlessJob<Args>) => Promise<void>;
}

/** What a page says to the runner, in one call of the function that the runner lends it. */
export type PageMessage =
  | { readonly type: "begin" }
  | { readonly type: "step"; readonly info: HeadlessStep }
  | { readonly type: "epoch"; readonly info: EpochInfo }
  /** A part of a file in base64; those of one transfer come in order, among those of others. */
  | {
      readonly type: "file";
      readonly transfer: number;
      readonly name: string;
      readonly part: string;
      readonly last: boolean;
    }
  | { readonly type: "post"; readonly value: unknown }
  | { readonly type: "done"; readonly result: unknown }
  | { readonly type: "failed"; readonly error: Failure };

/** JSON has no NaN and no infinities, and losses have: the page writes them as `{ "$number": "NaN" }`. */
export function readMessage(text: string): PageMessage {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !("$number" in value)) return value;
    return Number(value.$number);
  });
}
