import type { EpochInfo } from "../train/fit.ts";
import type { WorkerRun, WorkerStep } from "./protocol.ts";
import { RemoteRun } from "./remoteRun.ts";
import type { ThreadLike, WebWorkerLike } from "./scope.ts";

/** The arguments of a job: `typeof job`, where `job` is what `serveTraining` returned. */
export type ArgsOf<Job> = Job extends (run: WorkerRun<infer Args>) => unknown ? Args : unknown;

/** What a job resolves to. */
export type ResultOf<Job> = Job extends (run: never) => infer Result ? Awaited<Result> : unknown;

/** What `trainInWorker` takes. */
export interface WorkerOptions<Args = unknown> {
  /** What the job reads as `run.args`: anything that can be cloned. */
  args?: Args;
  /** Called for a step at most every `stepEvery` milliseconds, and at the end of an epoch. */
  onStep?: (step: WorkerStep) => void;
  /** Called with every epoch's numbers. */
  onEpoch?: (info: EpochInfo) => void;
  /** Called with every value that the job posts. */
  onMessage?: (value: unknown) => void;
  /** Aborts the job's `run.signal`; `fit` then ends between two steps with status `"aborted"`, which is the job's to return. */
  signal?: AbortSignal;
  /** Milliseconds between two steps that are told of; 50 by default, 0 for every step. */
  stepEvery?: number;
  /** Milliseconds within which the worker must have loaded and serve; 60,000 by default. */
  timeout?: number;
}

/** A run in a worker. */
export interface WorkerTraining<Result = unknown> {
  /**
   * What the job returned. Rejects with what it threw (torchlet's and the language's own errors as they are, any other as a
   * WorkerError), with what one of the callbacks threw, or with a WorkerError if the worker does not load, does not serve, or
   * ends; with the signal's reason if the job ended by throwing it.
   */
  readonly result: Promise<Result>;
  /** Holds the job at its next `onStep`. */
  pause(): void;
  /** Lets it go on. */
  resume(): void;
  /** Sends any value that can be cloned to the job's `run.onMessage`. @throws DataCloneError for one that cannot */
  post(value: unknown, transfer?: readonly ArrayBuffer[]): void;
}

/**
 * Runs the job that a worker serves (`serveTraining`), off this thread: this side only hears how it goes. The worker stays
 * for further runs until its owner ends it with `worker.terminate()`.
 *
 * Workers are made by their owner, since bundlers look for that very expression:
 * `new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" })`; in Node it is that of node:worker_threads.
 *
 * @example
 * const training = trainInWorker<Job>(worker, { args: { lr: 1e-3 }, onEpoch: (info) => draw(info), signal });
 * const history = await training.result;
 *
 * @param worker a worker whose file calls `serveTraining`
 * @param options arguments, and who hears of what
 * @returns the run under way
 * @throws TypeError for something that is not a worker, or a callback that is no function
 * @throws RangeError for a `stepEvery` or `timeout` below 0
 * @throws DataCloneError for arguments that cannot be cloned
 */
export function trainInWorker<Job = unknown>(
  worker: WebWorkerLike | ThreadLike,
  options: WorkerOptions<ArgsOf<Job>> = {},
): WorkerTraining<ResultOf<Job>> {
  const isWorker = typeof worker === "object" && worker !== null && "postMessage" in worker;
  if (!isWorker || !("addEventListener" in worker || "on" in worker))
    throw new TypeError(`trainInWorker: expected a Worker, got ${worker === null ? "null" : typeof worker}`);
  for (const name of ["onStep", "onEpoch", "onMessage"] as const)
    if (options[name] !== undefined && typeof options[name] !== "function")
      throw new TypeError(`trainInWorker: ${name} is to be a function, got ${typeof options[name]}`);
  for (const name of ["stepEvery", "timeout"] as const)
    if (options[name] !== undefined && !(options[name] >= 0))
      throw new RangeError(`trainInWorker: ${name} is to be a number of milliseconds >= 0, got ${options[name]}`);
  return new RemoteRun<ResultOf<Job>>(worker, options);
}
