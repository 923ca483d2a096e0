import type { Failure } from "../core/failure.ts";
import type { Tensor } from "../tensor.ts";
import type { EpochInfo } from "../train/fit.ts";

/** A training step as a job tells of it. What `fit` hands to `onStep` is one. */
export interface JobStep {
  /** From 1. */
  readonly epoch: number;
  /** How many there are to be. */
  readonly epochs?: number | undefined;
  /** Steps done in this epoch, from 1. */
  readonly step: number;
  /** Steps in an epoch, where they are known. */
  readonly steps?: number | undefined;
  /** Samples of this step. */
  readonly samples: number;
  /** The loss of this step's batch; a tensor is read only for the steps that are told. */
  readonly loss?: Tensor | number | undefined;
}

/** A step as it arrives on the other side. */
export interface WorkerStep {
  /** From 1. */
  readonly epoch: number;
  /** How many there are to be, where the job says so. */
  readonly epochs: number | undefined;
  /** Steps done in this epoch, from 1. */
  readonly step: number;
  /** Steps in an epoch, where they are known. */
  readonly steps: number | undefined;
  /** Samples of all steps since the last one that was told. */
  readonly samples: number;
  /** The loss of this step's batch, where the job gives one. */
  readonly loss: number | undefined;
}

/** Where a worker's checkpoints go: what `fit` takes, but for a store of one's own, which cannot be sent. */
export type WorkerCheckpoint =
  | string
  | {
      /** A file's path; in a page a name in its own storage. */
      to: string;
      /** Steps of an epoch between two checkpoints; by default they come as often as costs under 2 % of the time. */
      everySteps?: number;
      /** Text of your own for the file, by name. */
      metadata?: Readonly<Record<string, string>>;
    };

/** What `fit` is to know of checkpoints. */
export interface WorkerCheckpoints {
  /** Where they go. */
  readonly checkpoint?: WorkerCheckpoint;
  /** Whether a run that was cut short goes on: from `checkpoint`, or from these bytes. */
  readonly resume?: boolean | Uint8Array;
}

/**
 * What a job is given: what to do, and the functions that tell how it goes. They fit `fit`'s options:
 * `fit(…, { onStep: run.onStep, onEpoch: run.onEpoch, signal: run.signal, ...run.checkpoints })`.
 */
export interface WorkerRun<Args = unknown> {
  /** The `args` of `trainInWorker`, as a structured clone. */
  readonly args: Args;
  /** Aborted when the signal of `trainInWorker` is: the job should end soon, between two steps. */
  readonly signal: AbortSignal;
  /** The `checkpoint` and `resume` of `trainInWorker`, to be spread into `fit`'s options. */
  readonly checkpoints: WorkerCheckpoints;
  /** Tells of a step, at most every `stepEvery` milliseconds and at the end of an epoch. While the run is paused it does not resolve. */
  readonly onStep: (step: JobStep) => Promise<void>;
  /** Tells of an epoch. */
  readonly onEpoch: (info: EpochInfo) => void;
  /** Sends any value that can be cloned to `onMessage` on the other side. @throws DataCloneError for one that cannot */
  readonly post: (value: unknown, transfer?: readonly ArrayBuffer[]) => void;
  /** Sets who hears of what the other side posts; what came before waits for the first one. */
  readonly onMessage: (handler: (value: unknown) => void) => void;
}

/** The work of a worker. What it returns (anything that can be cloned) is the run's result; what it throws fails the run. */
export type WorkerJob<Args = unknown, Result = unknown> = (run: WorkerRun<Args>) => Result | Promise<Result>;

/** What goes to a worker by its own channel: is anybody there, and the run's channel. */
export type Call = { readonly torchlet: "hello" } | { readonly torchlet: "run"; readonly port: MessagePort };

/** What a worker says there once it serves: unasked, and when asked. It holds the lock of this name, where there are locks. */
export interface Ready {
  readonly torchlet: "ready";
  readonly lock: string | undefined;
}

/** What goes to the job. */
export type ToJob =
  | {
      readonly type: "start";
      readonly args: unknown;
      readonly stepEvery: number;
      readonly checkpoints: WorkerCheckpoints;
    }
  | { readonly type: "pause" | "resume" | "end" }
  | { readonly type: "abort"; readonly reason: string }
  | { readonly type: "post"; readonly value: unknown };

/** What comes from the job. */
export type FromJob =
  | { readonly type: "step"; readonly info: WorkerStep }
  | { readonly type: "epoch"; readonly info: EpochInfo }
  | { readonly type: "post"; readonly value: unknown }
  | { readonly type: "done"; readonly result: unknown }
  | { readonly type: "failed"; readonly error: Failure };

/** True for a message of this protocol among the others that a worker and its owner exchange. */
export function isOurs(data: unknown): data is Call | Ready {
  return typeof data === "object" && data !== null && "torchlet" in data;
}
