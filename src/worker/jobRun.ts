import { failureOf } from "../core/failure.ts";
import { yieldToEvents } from "../core/yield.ts";
import type { EpochInfo } from "../train/fit.ts";
import type { FromJob, JobStep, ToJob, WorkerCheckpoints, WorkerJob, WorkerRun } from "./protocol.ts";

type Start = Extract<ToJob, { readonly type: "start" }>;

/** One run of a job, at the worker's side of its channel. */
export class JobRun {
  readonly #port: MessagePort;
  readonly #controller = new AbortController();
  readonly #waiting: unknown[] = [];
  #hear: ((value: unknown) => void) | undefined;
  #paused: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #stepEvery = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #samples = 0;

  constructor(port: MessagePort, job: WorkerJob) {
    this.#port = port;
    port.onmessage = ({ data }: { readonly data: ToJob }) => this.#handle(data, job);
  }

  #handle(message: ToJob, job: WorkerJob): void {
    if (message.type === "start") {
      this.#stepEvery = message.stepEvery;
      void this.#work(job, message);
    } else if (message.type === "post") this.#post(message.value);
    else if (message.type === "pause") this.#pause();
    else if (message.type === "resume") this.#goOn();
    else if (message.type === "abort") {
      this.#controller.abort(new DOMException(message.reason, "AbortError"));
      this.#goOn();
    } else this.#port.close();
  }

  async #work(job: WorkerJob, { args, checkpoints }: Start): Promise<void> {
    try {
      const result = await job(this.#run(args, checkpoints));
      this.#tell({ type: "done", result });
    } catch (error) {
      this.#tell({ type: "failed", error: failureOf(error) });
    }
  }

  #run(args: unknown, checkpoints: WorkerCheckpoints): WorkerRun {
    return {
      args,
      checkpoints,
      signal: this.#controller.signal,
      onStep: (step) => this.#onStep(step),
      onEpoch: ({ epoch, epochs, seconds, trainLoss, trainAccuracy, valLoss, valAccuracy }: EpochInfo) =>
        this.#tell({
          type: "epoch",
          info: { epoch, epochs, seconds, trainLoss, trainAccuracy, valLoss, valAccuracy },
        }),
      post: (value, transfer = []) => this.#port.postMessage({ type: "post", value } satisfies FromJob, [...transfer]),
      onMessage: (hear) => {
        this.#hear = hear;
        for (const value of this.#waiting.splice(0)) hear(value);
      },
    };
  }

  async #onStep({ epoch, epochs, step, steps, samples, loss }: JobStep): Promise<void> {
    this.#samples += samples;
    const now = performance.now();
    if (now - this.#toldAt >= this.#stepEvery || step === steps) {
      this.#toldAt = now;
      const info = { epoch, epochs, step, steps, samples: this.#samples };
      this.#samples = 0;
      const value = typeof loss === "object" ? Number(await loss.item()) : loss;
      this.#tell({ type: "step", info: { ...info, loss: value } });
      // Whoever hears of this step may answer with a pause: short steps would go on for a while without hearing of it.
      await yieldToEvents();
    }
    await this.#paused;
  }

  #pause(): void {
    if (this.#controller.signal.aborted) return;
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  #goOn(): void {
    this.#paused = undefined;
    this.#resume?.();
  }

  #post(value: unknown): void {
    if (this.#hear) this.#hear(value);
    else this.#waiting.push(value);
  }

  #tell(message: FromJob): void {
    this.#port.postMessage(message);
  }
}
