import { noGrad } from "../autograd.ts";
import { type RandomState, randomState, withRandom } from "../core/random/state.ts";
import { yieldIfDue } from "../core/yield.ts";
import { DataError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { modeSetter } from "./mode.ts";
import { checkMode, countCorrect, type Mode } from "./metrics.ts";

/**
 * A module from inputs to predictions: any `nn.Module` whose `forward` takes one tensor and gives one.
 *
 * @category Training
 */
export interface Model {
  /**
   * Predictions for a batch of inputs.
   *
   * @param x the inputs, `[n, *]`
   */
  (x: Tensor): Tensor;
  /** Whether it is in training mode. */
  readonly training: boolean;
  /**
   * Sets the mode.
   *
   * @param mode true for training, false for evaluation
   */
  train(mode?: boolean): unknown;
}

/**
 * A function from predictions and targets to a loss of one element, the mean over the batch: a loss module of `nn`, or one's own.
 *
 * @category Training
 */
export type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/**
 * What training and evaluation read: batches of inputs and targets. A `DataLoader` is one.
 *
 * @category Training
 */
export interface Batches {
  /** One epoch. */
  [Symbol.asyncIterator](): AsyncIterator<readonly [Tensor, Tensor]>;
  /** The samples in file order, without a random draw, where the source can tell. */
  inOrder?(): Iterable<readonly [Tensor, Tensor]>;
  /** Batches in an epoch, for the progress display. */
  readonly length?: number;
}

/**
 * Means over a data set.
 *
 * @category Evaluation
 */
export interface Evaluation {
  /** Mean over batches of the batch's loss. */
  readonly loss: number;
  /** Correct predictions / samples, 0 to 1. */
  readonly accuracy: number;
}

/**
 * Options of `evaluate`.
 *
 * @category Evaluation
 */
export interface EvaluateOptions {
  /** How predictions are judged; `"multi"` by default. */
  mode?: Mode;
  /** Stops between two batches; `evaluate` then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Batches whose results are read at once: reading waits for the device, so not after every one. */
const READ_EVERY = 16;

/**
 * Loss and accuracy over all batches, in evaluation mode and in file order; the mode is restored afterwards. No random
 * number is drawn, no gradient recorded.
 *
 * @param options `mode`: `"multi"` (default) or `"binary"`; `signal` stops it with the signal's reason
 * @param batches a loader
 * @param model a module from inputs to predictions
 * @param lossFn from predictions and targets to a mean loss
 * @returns mean loss, and accuracy from 0 to 1
 * @throws DataError if there is no batch
 * @throws TypeError for an unknown mode
 * @throws the signal's reason, where it is aborted
 * @category Evaluation
 */
export async function evaluate(
  batches: Batches,
  model: Model,
  lossFn: LossFunction,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return evaluateFrom(randomState(), batches, model, lossFn, options);
}

/** The batches; what a loader or a data set draws while it makes them comes from `random`, whatever else runs meanwhile. */
export function drawnFrom<T>(random: RandomState, batches: AsyncIterable<T> | Iterable<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = withRandom(random, () =>
        Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator](),
      );
      return {
        next: async () => withRandom(random, () => iterator.next()),
        return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}

/** `evaluate` with what a data set draws from `random`. */
export async function evaluateFrom(
  random: RandomState,
  batches: Batches,
  model: Model,
  lossFn: LossFunction,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const mode = checkMode("evaluate", options.mode ?? "multi");
  const before = model.training;
  const setMode = modeSetter(model, false);
  const totals = new Totals();
  let reading = Promise.resolve();
  try {
    for await (const [x, y] of drawnFrom(random, batches.inOrder?.() ?? batches)) {
      options.signal?.throwIfAborted();
      setMode();
      const judged = noGrad(() => judge(model(x), y, lossFn, mode));
      totals.add(judged, y.shape[0] ?? 1);
      // Other devices than one thread of the CPU are handed what is queued by themselves.
      const backend = judged.loss.place?.backend;
      if (backend?.readsAtOnce) void backend.flush();
      if (totals.waiting >= READ_EVERY) {
        // The device has the next batches before the last results are waited for.
        const next = totals.read();
        next.catch(() => undefined); // told where it is waited for
        await reading;
        reading = next;
      }
      const turn = yieldIfDue();
      if (turn) await turn;
    }
    await Promise.all([reading, totals.read()]);
  } finally {
    model.train(before);
  }
  return totals.means();
}

interface Judged {
  readonly loss: Tensor;
  readonly correct: Tensor;
}

const judge = (output: Tensor, target: Tensor, lossFn: LossFunction, mode: Mode): Judged => ({
  loss: lossFn(output, target),
  correct: countCorrect(output, target, mode),
});

/** Sums on the host, in float64, in the order of the batches. */
class Totals {
  #loss = 0;
  #correct = 0;
  #batches = 0;
  #samples = 0;
  #waiting: Judged[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  add(judged: Judged, samples: number): void {
    this.#waiting.push(judged);
    this.#batches++;
    this.#samples += samples;
  }

  async read(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    // Asked for all at once: a device that does not read at once is waited for once.
    const read = await Promise.all(waiting.map(({ loss, correct }) => Promise.all([loss.item(), correct.item()])));
    for (const { correct } of waiting) correct.dispose(); // nobody else has them
    for (const [loss, correct] of read) {
      this.#loss += Number(loss);
      this.#correct += Number(correct);
    }
  }

  means(): Evaluation {
    if (this.#batches === 0) throw new DataError("evaluate: the loader gave no batch");
    return { loss: this.#loss / this.#batches, accuracy: this.#correct / this.#samples };
  }
}
