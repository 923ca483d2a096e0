import type { Generator } from "../core/random.ts";
import { type RandomState, randomState, withRandom } from "../core/random/state.ts";
import { DataError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { modeSetter } from "./mode.ts";
import { type Batches, drawnFrom, type LossFunction, type Model } from "./evaluate.ts";

/**
 * What training needs of an optimizer: those of `optim` have it.
 *
 * @category Training
 */
export interface Steps {
  /** Sets the gradients to null. */
  zeroGrad(): void;
  /** Moves the parameters; resolves when the device can take more work. */
  step(): Promise<void>;
}

/**
 * A loader whose epochs can draw from a given generator. A `DataLoader` is one.
 *
 * @category Training
 */
export interface TrainBatches extends Batches {
  /**
   * One epoch whose draws come from `generator`.
   *
   * @param generator stands for the one that `manualSeed` seeds
   */
  epoch?(generator: Generator): AsyncIterator<readonly [Tensor, Tensor]> & AsyncIterable<readonly [Tensor, Tensor]>;
  /**
   * The rest of an epoch of which some batches were had before: what `epoch` gives after so many batches, without making them.
   * A loader without it is asked for them once more.
   *
   * @param generator as it was when that epoch began
   * @param batches how many are passed over
   */
  epochFrom?(
    generator: Generator,
    batches: number,
  ): AsyncIterator<readonly [Tensor, Tensor]> & AsyncIterable<readonly [Tensor, Tensor]>;
  /** The loader's own generator, where it draws from that instead. */
  readonly generator?: Generator | undefined;
}

/**
 * One training step as `onStep` sees it.
 *
 * @category Training
 */
export interface StepInfo {
  /** Steps done in this epoch, from 1. */
  readonly step: number;
  /** Steps in an epoch, where the loader can tell. */
  readonly steps: number | undefined;
  /** Samples in the batch. */
  readonly samples: number;
  /** The batch's loss; `await loss.item()` reads it. */
  readonly loss: Tensor;
}

/**
 * Options of `train`.
 *
 * @category Training
 */
export interface TrainOptions {
  /** Called after every step; training waits for a promise it returns. */
  onStep?: (info: StepInfo) => void | Promise<void>;
  /** Stops between two steps; `train` then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * One epoch of training: for every batch forward, backward and an optimizer step. Leaves the model in training mode.
 *
 * @param batches a loader
 * @param model a module from inputs to predictions
 * @param lossFn from predictions and targets to a mean loss
 * @param optimizer over the model's parameters
 * @param options `onStep`, and `signal`, which stops it between two steps with the signal's reason
 * @throws DataError if there is no batch
 * @throws the signal's reason, where it is aborted
 * @throws what model, loss, loader and `onStep` throw
 * @category Training
 */
export async function train(
  batches: TrainBatches,
  model: Model,
  lossFn: LossFunction,
  optimizer: Steps,
  options: TrainOptions = {},
): Promise<void> {
  await trainFrom(randomState(), batches, model, lossFn, optimizer, options);
}

/** A pass over an epoch's batches: from the beginning, or from where an earlier pass was cut short. */
export interface Pass {
  /** What is left of the epoch; drawn anew where undefined. */
  readonly batches: AsyncIterable<readonly [Tensor, Tensor]> | undefined;
  /** Steps of the epoch that are done. */
  readonly firstStep: number;
  /** True where an earlier pass has had batches of this epoch. */
  readonly resumed: boolean;
  /** Hears of every step, once more too where it is repeated. */
  afterStep(step: number): void;
}

/** Looks at a step's loss before the parameters are moved by it. */
export type LossWatch = (loss: Tensor, step: number) => Promise<void> | undefined;

/** `train` with its draws (order and dropout masks) from `random`, whatever else runs meanwhile. */
export async function trainFrom(
  random: RandomState,
  batches: TrainBatches,
  model: Model,
  lossFn: LossFunction,
  optimizer: Steps,
  options: TrainOptions,
  pass?: Pass,
  watch?: LossWatch,
): Promise<void> {
  const setMode = modeSetter(model, true);
  let step = pass?.firstStep ?? 0;
  for await (const [x, y] of drawnFrom(random, pass?.batches ?? batches.epoch?.(random.generator) ?? batches)) {
    options.signal?.throwIfAborted();
    setMode();
    const loss = withRandom(random, () => lossFn(model(x), y));
    optimizer.zeroGrad();
    loss.backward();
    step++;
    const watched = watch?.(loss, step);
    if (watched) await watched;
    await optimizer.step();
    pass?.afterStep(step);
    const told = options.onStep?.({ step, steps: batches.length, samples: x.shape[0] ?? 1, loss });
    if (told) await told;
  }
  if (step === 0 && !pass?.resumed) throw new DataError("train: the loader gave no batch");
}
