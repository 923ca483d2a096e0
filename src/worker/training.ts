import type { EpochInfo } from "../train/fit.ts";
import type { WorkerCheckpoint, WorkerStep } from "./protocol.ts";

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
  /** Where the job's `fit` writes checkpoints, as `run.checkpoints`: a path, in a page a name in its own storage. */
  checkpoint?: WorkerCheckpoint;
  /** True, or a checkpoint's bytes: the job's `fit` goes on where a run was cut short. */
  resume?: boolean | Uint8Array;
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
