import { Progress, type ProgressStream } from "./progress.ts";
import type { StepInfo } from "./train.ts";

interface Runtime {
  readonly process?: { readonly stdout?: ProgressStream; readonly env?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: { readonly noColor: boolean };
}

/** What decides colours. Deno tells without being asked for permission to read the environment. */
function environmentOf({ process, Deno }: Runtime): Readonly<Record<string, string | undefined>> {
  return Deno ? { NO_COLOR: Deno.noColor ? "1" : "" } : (process?.env ?? {});
}

/** What `fit` shows while it runs: epoch lines by `console.log`, and a bar where stdout is a terminal. */
export class FitDisplay {
  readonly #enabled: boolean;
  readonly #epochs: number;
  readonly #batches: { readonly length?: number | undefined };
  readonly #bar: Progress | undefined;
  #epoch = 0;
  #started = 0;
  #done = 0;

  constructor(enabled: boolean, batches: { readonly length?: number | undefined }, epochs: number) {
    this.#enabled = enabled;
    this.#batches = batches;
    this.#epochs = epochs;
    const runtime = globalThis as Runtime;
    const stream = runtime.process?.stdout;
    if (enabled && stream?.isTTY) this.#bar = new Progress(stream, { environment: environmentOf(runtime) });
  }

  /** @param info `samples` are those since the last call */
  step(epoch: number, info: Pick<StepInfo, "step" | "samples">): void {
    if (this.#bar === undefined) return;
    const now = performance.now();
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#started = now;
      this.#done = 0;
    } else this.#done += info.samples;
    const seconds = (now - this.#started) / 1000;
    const imagesPerSecond = seconds > 0 ? this.#done / seconds : 0;
    const total = this.#batches.length ?? info.step;
    this.#bar.update({ epoch, epochs: this.#epochs, done: info.step, total, imagesPerSecond });
  }

  line(text: string): void {
    this.clear();
    if (this.#enabled) console.log(text);
  }

  clear(): void {
    this.#bar?.clear();
  }
}
