import type { Failure } from "../core/failure.ts";
import type { HeadlessDevice, HeadlessJob, HeadlessRun, HeadlessStep, PageMessage } from "./protocol.ts";

/** What the runner writes into a page before any of its scripts runs. */
export interface PageSettings {
  readonly args: unknown;
  readonly device: HeadlessDevice;
  readonly data: string | undefined;
}

/** The globals by which page and runner know each other. */
export interface PageGlobals {
  /** Lent by the runner: takes a message as text; resolves when the runner is done with it. */
  readonly torchletReport: (text: string) => Promise<void>;
  headlessRun: (job: HeadlessJob) => Promise<void>;
  /** Called by the runner: aborts the job's signal. */
  torchletAbort: () => void;
}

/** The name of `PageGlobals.torchletReport`. */
export const REPORT_NAME = "torchletReport";

/**
 * Defines `headlessRun` in a page. The runner sends this function there as text, so it must not use anything outside of
 * itself but the page's globals and types.
 */
export function installHeadlessRun(settings: PageSettings): void {
  const MILLISECONDS_PER_STEP = 100;
  const BYTES_PER_PART = 3 << 20;
  const globals = globalThis as unknown as PageGlobals;
  const controller = new AbortController();
  let begun = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let samples = 0;

  const spell = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? { $number: String(value) } : value;
  const tell = (message: PageMessage): Promise<void> => globals.torchletReport(JSON.stringify(message, spell));

  const onStep = (info: HeadlessStep): void => {
    samples += info.samples;
    const now = performance.now();
    if (now - toldAt < MILLISECONDS_PER_STEP && info.step !== info.steps) return;
    const { epoch, epochs, step, steps } = info;
    tell({ type: "step", info: { epoch, epochs, step, steps, samples } }).catch(() => undefined);
    toldAt = now;
    samples = 0;
  };
  const onEpoch: HeadlessRun["onEpoch"] = async (info) => {
    const { epoch, epochs, seconds, trainLoss, trainAccuracy, valLoss, valAccuracy } = info;
    const numbers = { epoch, epochs, seconds, trainLoss, trainAccuracy, valLoss, valAccuracy };
    for (const [name, value] of Object.entries(numbers))
      if (typeof value !== "number") throw new TypeError(`onEpoch: expected a number as ${name}, got ${typeof value}`);
    await tell({ type: "epoch", info: numbers });
  };
  const base64 = (bytes: Uint8Array): Promise<string> =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ""));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(new Blob([Uint8Array.from(bytes)]));
    });
  let transfers = 0;
  const saveFile: HeadlessRun["saveFile"] = async (name, bytes) => {
    if (typeof name !== "string" || !(bytes instanceof Uint8Array))
      throw new TypeError(`saveFile: expected a name and a Uint8Array, got ${typeof name} and ${typeof bytes}`);
    const transfer = ++transfers;
    let start = 0;
    do {
      const end = start + BYTES_PER_PART;
      const part = await base64(bytes.subarray(start, end));
      await tell({ type: "file", transfer, name, part, last: end >= bytes.length });
      start = end;
    } while (start < bytes.length);
  };
  const failure = (error: unknown): Failure => {
    if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
    const { name, message, stack } = error;
    const code = "code" in error ? error.code : undefined;
    const offset = "offset" in error ? error.offset : undefined;
    const format = typeof code === "string" && typeof offset === "number" ? { code, offset } : {};
    return { name, message, stack, ...format };
  };

  globals.torchletAbort = () => controller.abort();
  globals.headlessRun = async (job) => {
    if (begun) throw new TypeError("headlessRun: a page runs one job, and this one has begun already");
    begun = true;
    const post = (value: unknown) => tell({ type: "post", value });
    await tell({ type: "begin" });
    try {
      const result = await job({ ...settings, signal: controller.signal, onStep, onEpoch, saveFile, post });
      await tell({ type: "done", result });
    } catch (error) {
      await tell({ type: "failed", error: failure(error) }).catch(() => undefined);
    }
  };
}
