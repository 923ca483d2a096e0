import { type Device, deviceOf } from "../backend/device.ts";
import { DeviceError } from "../core/errors.ts";
import type { Generator } from "../core/random.ts";
import type { ByteStore } from "../io/store.ts";
import type { Module } from "../nn/module.ts";
import type { ModelTarget } from "./best.ts";
import type { DeviceLoss } from "./deviceLoss.ts";
import type { EpochMetrics } from "./epochLine.ts";
import type { Mode } from "./metrics.ts";
import type { StepInfo } from "./train.ts";

/**
 * Where checkpoints go: a file's path (in a page a name in its own storage), a store, or either with more about it.
 *
 * @category Training
 */
export type CheckpointTarget =
  | string
  | ByteStore
  | {
      /** A path, a name or a store. */
      to: string | ByteStore;
      /** Steps of an epoch between two checkpoints; by default at least fifty times what one takes lies between two. */
      everySteps?: number;
      /** Text of your own for the file, by name. */
      metadata?: Readonly<Record<string, string>>;
    };

/**
 * How a run goes on that was cut short.
 *
 * @category Training
 */
export interface Resumption {
  /** The epoch that it goes on in, from 1. */
  readonly epoch: number;
  /** The steps of it that were done. */
  readonly step: number;
  /**
   * False where the rest may differ from that of an undisturbed run: the device is another one, or the loader has no `epoch` that
   * could draw the same order, and was asked for its first `step` batches once more.
   */
  readonly exact: boolean;
}

/**
 * What an epoch of `fit` was measured at.
 *
 * @category Training
 */
export interface EpochInfo extends EpochMetrics {
  /** The epoch, from 1. */
  readonly epoch: number;
  /** How many are to be run. */
  readonly epochs: number;
  /** Wall time since `fit` was called, in seconds. */
  readonly seconds: number;
}

/**
 * Options of `fit`.
 *
 * @category Training
 */
export interface FitOptions {
  /** Saves the weights to `saveModelPath` whenever the validation loss improves; false by default. */
  saveBestModel?: boolean;
  /** Where the best weights go, as safetensors: a file's path, or a function that takes the bytes. */
  saveModelPath?: ModelTarget;
  /** Stops after `patience` epochs without a better validation loss, with status `"stopped"`; false by default. */
  earlyStopping?: boolean;
  /** Epochs without improvement that `earlyStopping` waits for, a positive integer; 10 by default. */
  patience?: number;
  /** Gives the model its best weights back at the end, those of the lowest validation loss; false by default. */
  restoreBest?: boolean;
  /** Where the model must live; checked, nothing is moved. */
  device?: Device | string;
  /** How predictions are judged: `"multi"` (default) or `"binary"`. */
  mode?: Mode;
  /** Where order and dropout masks come from, instead of what `manualSeed` seeds. */
  generator?: Generator;
  /** Called after every step; training waits for a promise it returns. */
  onStep?: (info: StepInfo & { readonly epoch: number; readonly epochs: number }) => void | Promise<void>;
  /** Called after every epoch; training waits for a promise it returns. */
  onEpoch?: (info: EpochInfo) => void | Promise<void>;
  /**
   * Called when the GPU was lost. Training goes on by itself from the last snapshot, on a new device with the same bits, else on
   * the CPU.
   */
  onDeviceLost?: (loss: DeviceLoss) => void | Promise<void>;
  /** Steps between two snapshots of parameters and optimizer on the host, on a device that can be lost; 100 by default. */
  snapshotEvery?: number;
  /**
   * Where checkpoints of the run go: each epoch's end, now and then between (fifty times what one takes apart, or every
   * `everySteps` steps), and where `signal` stops it. Training does not wait for them; `fit` returns when the last one is written.
   */
  checkpoint?: CheckpointTarget;
  /**
   * Goes on where a run was cut short, to the same bits: `true` from what `checkpoint` holds (where it holds nothing, training
   * begins), or from a checkpoint's bytes. Model, loaders, optimizer and options must be those of that run; `epochs` may be raised.
   */
  resume?: boolean | Uint8Array;
  /** Called where a run goes on, before its first step. */
  onResume?: (info: Resumption) => void | Promise<void>;
  /**
   * Ends training with a `NonFiniteError` where loss or weights become NaN or infinite: on the CPU within a step, on a GPU a loss
   * within `snapshotEvery` steps, and weights that do not show in it with the next snapshot; true by default. Checkpoints hold
   * finite weights alone.
   */
  checkFinite?: boolean;
  /** Stops between two steps; `fit` then returns with status `"aborted"`. */
  signal?: AbortSignal;
  /** Epoch lines on the console, and a progress bar where it is a terminal; true by default. */
  progress?: boolean;
}

/**
 * What `fit` returns: element i of each list belongs to epoch i + 1.
 *
 * @category Training
 */
export interface History {
  /** Mean over the training batches of the batch's mean loss, in evaluation mode. */
  trainLoss: number[];
  /** Correct predictions / training samples, 0 to 1. */
  trainAccuracy: number[];
  /** Mean over the validation batches of the batch's mean loss. */
  valLoss: number[];
  /** Correct predictions / validation samples, 0 to 1. */
  valAccuracy: number[];
  /** Wall time from the call in seconds, warm-up and evaluations included. */
  seconds: number;
  /** `"completed"`: all epochs done; `"stopped"`: early, for want of improvement; `"aborted"`: by the signal. */
  status: "completed" | "stopped" | "aborted";
}

/** @throws RangeError, TypeError or DeviceError where they make no sense */
export function checkOptions(model: Module, epochs: number, options: FitOptions): void {
  const { patience = 10 } = options;
  if (!Number.isSafeInteger(epochs) || epochs < 1)
    throw new RangeError(`fit: epochs must be a positive integer, got ${epochs}`);
  if (!Number.isSafeInteger(patience) || patience < 1)
    throw new RangeError(`fit: patience must be a positive integer, got ${patience}`);
  const { snapshotEvery = 100, checkpoint, resume } = options;
  if (!Number.isSafeInteger(snapshotEvery) || snapshotEvery < 1)
    throw new RangeError(`fit: snapshotEvery must be a positive integer, got ${snapshotEvery}`);
  if (options.saveBestModel && options.saveModelPath === undefined)
    throw new TypeError("fit: saveBestModel needs saveModelPath: a file's path, or a function that takes the bytes");
  const everySteps = typeof checkpoint === "object" && "everySteps" in checkpoint ? checkpoint.everySteps : undefined;
  if (everySteps !== undefined && !(Number.isSafeInteger(everySteps) && everySteps >= 1))
    throw new RangeError(`fit: checkpoint.everySteps must be a positive integer, got ${everySteps}`);
  if (resume === true && checkpoint === undefined)
    throw new TypeError("fit: resume: true needs checkpoint, the place of what is to be resumed; or pass its bytes");
  if (options.device === undefined) return;
  const device = deviceOf(options.device);
  for (const [name, parameter] of model.namedParameters())
    if (parameter.place !== device)
      throw new DeviceError(`fit: ${name} lives on ${parameter.place}, not on ${device}; call model.to(device) first`);
}
