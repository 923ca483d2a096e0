import { RandomState, randomState } from "../core/random/state.ts";
import type { Module } from "../nn/module.ts";
import { BestModel } from "./best.ts";
import { type EpochMetrics, epochLine } from "./epochLine.ts";
import { type Batches, evaluateFrom, type LossFunction, type Model } from "./evaluate.ts";
import { FitDisplay } from "./fitDisplay.ts";
import { checkOptions, type FitOptions, type History } from "./fitOptions.ts";
import type { Keeper } from "./keeper.ts";
import { FiniteWatch } from "./finiteWatch.ts";
import { checkMode, type Mode } from "./metrics.ts";
import { resumedLine } from "./resumedLine.ts";
import type { FitParts, Opened } from "./openKeeper.ts";
import { type StepInfo, type Steps, type TrainBatches, trainFrom } from "./train.ts";

export type { CheckpointTarget, EpochInfo, FitOptions, History, Resumption } from "./fitOptions.ts";

/**
 * Trains for `epochs` epochs. Each is one pass over `trainLoader`, then an evaluation of the whole train set and of the
 * validation set, in evaluation mode and in file order. All randomness comes from `generator`, or from a fork of the seeded
 * state, so two fits at once give what they give one after the other, and the first one after `manualSeed` follows PyTorch's
 * order. A GPU that is lost is replaced, and the run goes on with the same bits; so does one that was cut short, with `resume`.
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
 * @throws NonFiniteError where loss or weights become NaN or infinite, unless `checkFinite` is false; the last checkpoint stays
 * @throws FormatError, DataError or ShapeError for a checkpoint that is damaged or of another run; nothing is changed then
 * @throws DataError where a checkpoint cannot be written; the one before it stays
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
  const {
    patience = 10,
    signal,
    saveBestModel,
    restoreBest = false,
    checkFinite = true,
    snapshotEvery = 100,
  } = options;
  checkOptions(model, epochs, options);
  const mode = checkMode("fit", options.mode ?? "multi");
  // At once: of two fits the one that was called first draws first.
  const { random, giveBack } = takeDraws(options);
  const best = new BestModel(model, saveBestModel ? options.saveModelPath : undefined, restoreBest);
  await best.check();
  const lists = { trainLoss: [], trainAccuracy: [], valLoss: [], valAccuracy: [] };
  const history: History = { ...lists, seconds: 0, status: "completed" };
  const seconds = () => history.seconds + (performance.now() - start) / 1000;
  const parts = { model, optimizer, batches: trainLoader, valLoader, random, best, history: lists, seconds, epochs };
  const opened = await open({ ...parts, snapshotEvery, checkFinite, giveBack }, options);
  const keeper = opened?.keeper;
  history.seconds = opened?.seconds ?? 0;
  const watch = checkFinite ? new FiniteWatch(model, snapshotEvery, () => keeper?.settled()) : undefined;
  const display = new FitDisplay(options.progress ?? true, trainLoader, epochs);
  let epoch = opened?.resumed?.epoch ?? 1;
  try {
    await tellResumed(opened, options, display);
    for (; epoch <= epochs; epoch++) {
      if (options.earlyStopping && best.state.waited >= patience) {
        history.status = "stopped";
        break;
      }
      let begun = false;
      let reported = 0;
      const onStep = async (info: StepInfo) => {
        // Steps that are repeated after a loss were told of before.
        if (info.step <= reported) return;
        reported = info.step;
        display.step(epoch, info);
        await options.onStep?.({ ...info, epoch, epochs });
      };
      const stepOptions = { onStep, ...(signal && { signal }) };
      const metrics = await overLosses(keeper, options, display, async () => {
        if (!begun) await keeper?.beginEpoch(epoch);
        begun = true;
        const look = watch?.ofEpoch(epoch);
        await trainFrom(random, trainLoader, model, lossFn, optimizer, stepOptions, keeper, look);
        await (keeper ? keeper.endTraining() : watch?.endTraining());
        const measured = await measure(random, trainLoader, valLoader, model, lossFn, mode, signal);
        await best.take(measured.valLoss);
        return measured;
      });
      for (const name of ["trainLoss", "trainAccuracy", "valLoss", "valAccuracy"] as const)
        history[name].push(metrics[name]);
      display.line(epochLine(epoch, epochs, metrics));
      await options.onEpoch?.({ epoch, epochs, seconds: seconds(), ...metrics });
    }
    if (opened?.writes) await overLosses(keeper, options, display, () => opened.keeper.end(epoch));
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    history.status = "aborted";
    await keeper?.interrupt();
  } finally {
    await keeper?.idle();
    display.clear();
  }
  if (restoreBest) best.restore();
  history.seconds = seconds();
  display.line(`${history.seconds.toFixed(2)} seconds`);
  return history;
}

/** The draws of a run, and how to give back what they took from others, should it not begin. */
function takeDraws({ generator }: FitOptions): {
  readonly random: RandomState;
  readonly giveBack: FitParts["giveBack"];
} {
  const standard = randomState();
  if (generator === undefined) {
    const random = standard.fork();
    return { random, giveBack: (undo) => undo(standard, random) };
  }
  const before = generator.getState();
  const random = RandomState.over(generator, standard.masks);
  return { random, giveBack: () => generator.setState(before) };
}

/** Looks for what a run is kept by: nothing, where it has nothing to lose and nothing is to be written. */
async function open(parts: Omit<FitParts, "device">, options: FitOptions) {
  const device = parts.model.parameters()[0]?.place;
  const { checkpoint, resume = false } = options;
  if (device === undefined || !(device.canBeLost || checkpoint !== undefined || resume !== false)) return undefined;
  const { openKeeper } = await import("./openKeeper.ts");
  return openKeeper({ ...parts, device }, options);
}

async function tellResumed(opened: Opened | undefined, options: FitOptions, display: FitDisplay): Promise<void> {
  if (opened?.resumed === undefined) return;
  display.line(resumedLine(opened.resumed));
  await options.onResume?.(opened.resumed);
}

/** Does an epoch's work, over again from the last snapshot whenever the device is lost. */
async function overLosses<T>(
  keeper: Keeper | undefined,
  options: FitOptions,
  display: FitDisplay,
  work: () => Promise<T>,
): Promise<T> {
  if (keeper === undefined) return work();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const loss = await keeper.recover(error);
      const { epoch, step, resumedFrom, device, repeats } = loss;
      display.line(
        `The GPU was lost after step ${step} of epoch ${epoch}; training goes on from step ${resumedFrom}, on ${device === "cpu" ? "the CPU" : "a new device"}${repeats ? "" : ", without the batches between"}`,
      );
      await options.onDeviceLost?.(loss);
    }
  }
}

async function measure(
  random: RandomState,
  trainLoader: Batches,
  valLoader: Batches,
  model: Model,
  lossFn: LossFunction,
  mode: Mode,
  signal: AbortSignal | undefined,
): Promise<EpochMetrics> {
  const options = { mode, ...(signal && { signal }) };
  const train = await evaluateFrom(random, trainLoader, model, lossFn, options);
  const val = await evaluateFrom(random, valLoader, model, lossFn, options);
  return { trainLoss: train.loss, trainAccuracy: train.accuracy, valLoss: val.loss, valAccuracy: val.accuracy };
}
