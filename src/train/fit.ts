import { type Device, deviceOf } from "../backend/device.ts";
import { DeviceError } from "../core/errors.ts";
import type { Generator } from "../core/random.ts";
import { RandomState, randomState } from "../core/random/state.ts";
import type { Module } from "../nn/module.ts";
import { BestModel, type ModelTarget } from "./best.ts";
import { type EpochMetrics, epochLine } from "./epochLine.ts";
import { type Batches, evaluate, type LossFunction, type Model } from "./evaluate.ts";
import { checkMode, type Mode } from "./metrics.ts";
import { FitDisplay } from "./fitDisplay.ts";
import { type DeviceLoss, Recovery } from "./recovery.ts";
import { type StepInfo, type Steps, type TrainBatches, trainFrom } from "./train.ts";

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

/**
 * Trains for `epochs` epochs. Each is one pass over `trainLoader`, then an evaluation of the whole train set and of the
 * validation set, in evaluation mode and in file order. All randomness comes from `generator`, or from a fork of the seeded
 * state, so two fits at once give what they give one after the other, and the first one after `manualSeed` follows PyTorch's
 * order. A GPU that is lost is replaced, and the run goes on with the same bits.
 *
 * @param trainLoader batches to train with, and to measure the training loss with
 * @param valLoader batches to measure the validation loss with
 * @param model a module from inputs to predictions
 * @param lossFn from predictions and targets to a mean loss
 * @param optimizer over the model's parameters
 * @param epochs a positive integer
 * @param options what to save, when to stop, whom to tell
 * @returns losses and accuracies by epoch; an aborted run gives the epochs it has done
 * @throws RangeError before anything is trained, where a number makes no sense; later for a class label out of range
 * @throws TypeError for an unknown mode, or `saveBestModel` without `saveModelPath`
 * @throws DeviceError where the model does not live on `device`
 * @throws DataError before anything is trained, where a path cannot be written; later where a loader gives no batch
 * @throws what model, loss, loaders and callbacks throw
 * @category Training
 */
export async function fit(
  trainLoader: TrainBatches,
  valLoader: Batches,
  model: Module & Model,
  lossFn: LossFunction,
  optimizer: Steps,
  epochs: number,
  options: FitOptions = {},
): Promise<History> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const { patience = 10, signal } = options;
  checkOptions(model, epochs, patience, options);
  const mode = checkMode("fit", options.mode ?? "multi");
  const standard = randomState();
  const random = options.generator ? RandomState.over(options.generator, standard.masks) : standard.fork();
  const best = new BestModel(
    model,
    options.saveBestModel ? options.saveModelPath : undefined,
    options.restoreBest === true,
  );
  await best.check();
  const history: History = {
    trainLoss: [],
    trainAccuracy: [],
    valLoss: [],
    valAccuracy: [],
    seconds: 0,
    status: "completed",
  };
  const display = new FitDisplay(options.progress ?? true, trainLoader, epochs);
  const recovery = Recovery.of(model, optimizer, trainLoader, random, options.snapshotEvery ?? 100);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let reported = 0;
      const onStep = async (info: StepInfo) => {
        // Steps that are repeated after a loss were told of before.
        if (info.step <= reported) return;
        reported = info.step;
        display.step(epoch, info);
        await options.onStep?.({ ...info, epoch, epochs });
      };
      const stepOptions = { onStep, ...(signal && { signal }) };
      const metrics = await overLosses(recovery, epoch, options, display, async () => {
        await trainFrom(random, trainLoader, model, lossFn, optimizer, stepOptions, recovery);
        await recovery?.endTraining();
        const measured = await measure(trainLoader, valLoader, model, lossFn, mode, signal);
        await best.take(measured.valLoss);
        return measured;
      });
      record(history, metrics);
      display.line(epochLine(epoch, epochs, metrics));
      await options.onEpoch?.({ epoch, epochs, seconds: seconds(), ...metrics });
      if (options.earlyStopping && best.waited >= patience && epoch < epochs) {
        history.status = "stopped";
        break;
      }
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    history.status = "aborted";
  } finally {
    display.clear();
  }
  if (options.restoreBest) best.restore();
  history.seconds = seconds();
  display.line(`${history.seconds.toFixed(2)} seconds`);
  return history;
}

/** Does an epoch's work, over again from the last snapshot whenever the device is lost. */
async function overLosses<T>(
  recovery: Recovery | undefined,
  epoch: number,
  options: FitOptions,
  display: FitDisplay,
  work: () => Promise<T>,
): Promise<T> {
  if (recovery === undefined) return work();
  for (let begun = false; ; ) {
    try {
      if (!begun) await recovery.beginEpoch();
      begun = true;
      return await work();
    } catch (error) {
      const loss = await recovery.recover(error, epoch);
      const { step, resumedFrom, device, repeats } = loss;
      display.line(
        `The GPU was lost after step ${step} of epoch ${epoch}; training goes on from step ${resumedFrom}, on ${device === "cpu" ? "the CPU" : "a new device"}${repeats ? "" : ", without the batches between"}`,
      );
      await options.onDeviceLost?.(loss);
    }
  }
}

function checkOptions(model: Module, epochs: number, patience: number, options: FitOptions): void {
  if (!Number.isSafeInteger(epochs) || epochs < 1)
    throw new RangeError(`fit: epochs must be a positive integer, got ${epochs}`);
  if (!Number.isSafeInteger(patience) || patience < 1)
    throw new RangeError(`fit: patience must be a positive integer, got ${patience}`);
  const { snapshotEvery = 100 } = options;
  if (!Number.isSafeInteger(snapshotEvery) || snapshotEvery < 1)
    throw new RangeError(`fit: snapshotEvery must be a positive integer, got ${snapshotEvery}`);
  if (options.saveBestModel && options.saveModelPath === undefined)
    throw new TypeError("fit: saveBestModel needs saveModelPath: a file's path, or a function that takes the bytes");
  if (options.device === undefined) return;
  const device = deviceOf(options.device);
  for (const [name, parameter] of model.namedParameters())
    if (parameter.place !== device)
      throw new DeviceError(`fit: ${name} lives on ${parameter.place}, not on ${device}; call model.to(device) first`);
}

async function measure(
  trainLoader: Batches,
  valLoader: Batches,
  model: Model,
  lossFn: LossFunction,
  mode: Mode,
  signal: AbortSignal | undefined,
): Promise<EpochMetrics> {
  const options = { mode, ...(signal && { signal }) };
  const train = await evaluate(trainLoader, model, lossFn, options);
  const val = await evaluate(valLoader, model, lossFn, options);
  return { trainLoss: train.loss, trainAccuracy: train.accuracy, valLoss: val.loss, valAccuracy: val.accuracy };
}

function record(history: History, metrics: EpochMetrics): void {
  history.trainLoss.push(metrics.trainLoss);
  history.trainAccuracy.push(metrics.trainAccuracy);
  history.valLoss.push(metrics.valLoss);
  history.valAccuracy.push(metrics.valAccuracy);
}
