import type { Generator } from "../core/random.ts";
import { randomState } from "../core/random/state.ts";
import type { Tensor } from "../tensor.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { EpochOrder } from "./order.ts";

/**
 * How a loader batches.
 *
 * @category Loaders
 */
export interface DataLoaderOptions {
  /** Samples a batch, a positive integer; 1 by default. */
  batchSize?: number;
  /** A new random order every epoch; false by default. */
  shuffle?: boolean;
  /** Leaves out a last batch that is not full; false by default. */
  dropLast?: boolean;
  /** Where orders come from, instead of the generator that `manualSeed` seeds. */
  generator?: Generator;
}

/**
 * Batches of a data set, in PyTorch's order for the same seed: iterating draws a base seed, the first batch of a shuffled
 * epoch draws the order. Batches are lazy: rows are gathered on the device when an operation uses them.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * ```ts
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 8, shuffle: true });
 * for await (const [inputs, targets] of loader) lossFn(model(inputs), targets);
 * ```
 * @category Loaders
 */
export class DataLoader<Item extends Batch = readonly [x: Tensor, y: Tensor]> {
  /** Where the samples come from. */
  readonly dataset: Dataset<Item>;
  /** Samples a batch; the last one may have fewer. */
  readonly batchSize: number;
  /** Whether every epoch has a new random order. */
  readonly shuffle: boolean;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;
  /** Where orders come from; undefined for the generator that `manualSeed` seeds. */
  readonly generator: Generator | undefined;

  /**
   * A loader over a data set; nothing is read or drawn yet.
   *
   * @param dataset where the samples come from
   * @param options one sample a batch, in file order, unless they say otherwise
   * @throws RangeError unless batchSize is a positive integer
   */
  constructor(dataset: Dataset<Item>, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, generator } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new RangeError(`DataLoader: batchSize must be a positive integer, got ${batchSize}`);
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.dropLast = dropLast;
    this.generator = generator;
  }

  /** Batches in an epoch: n / batchSize, rounded down with `dropLast`, else up. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /**
   * One epoch for `for await`: it draws a base seed at once and, shuffled, the order with the first batch.
   *
   * @throws what the data set throws
   */
  [Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    return this.epoch(randomState().generator);
  }

  /**
   * One epoch whose draws come from `standard`, unless the loader has a generator of its own. `fit` reads it so.
   *
   * @param standard stands for the generator that `manualSeed` seeds
   */
  epoch(standard: Generator): AsyncGenerator<Item, void> {
    return this.#batches(this.#draw(standard), 0);
  }

  /**
   * The rest of an epoch after its first `batches` batches, which are not made: with the generators as they were when that epoch
   * began it gives the same, and costs the same draws. `fit` goes on so where a run was cut short.
   *
   * @param standard stands for the generator that `manualSeed` seeds
   * @param batches how many are passed over, from 0 to `length`
   * @throws RangeError for any other number
   */
  epochFrom(standard: Generator, batches: number): AsyncGenerator<Item, void> {
    if (!Number.isSafeInteger(batches) || batches < 0 || batches > this.length)
      throw new RangeError(`DataLoader.epochFrom: batches must be an integer in [0, ${this.length}], got ${batches}`);
    const order = this.#draw(standard);
    // As the batches that are passed over would have drawn: the order with the first one, the end with a short last one.
    if (batches > 0) order.indices();
    if (batches * this.batchSize > this.#end) order.finish();
    return this.#batches(order, batches);
  }

  /** The samples in file order, drawing no random number, the last partial batch included. */
  *inOrder(): Iterable<Item> {
    const { length } = this.dataset;
    for (let start = 0; start < length; start += this.batchSize)
      yield this.dataset.batch(range(start, Math.min(start + this.batchSize, length)));
  }

  #draw(standard: Generator): EpochOrder {
    const own = this.generator !== undefined;
    return new EpochOrder(this.dataset.length, this.shuffle, this.generator ?? standard, own);
  }

  /** Samples of an epoch. */
  get #end(): number {
    const { length } = this.dataset;
    return this.dropLast ? length - (length % this.batchSize) : length;
  }

  async *#batches(order: EpochOrder, passedOver: number): AsyncGenerator<Item, void> {
    const end = this.#end;
    const indices = order.indices();
    for (let start = passedOver * this.batchSize; start < end; start += this.batchSize) {
      const stop = Math.min(start + this.batchSize, end);
      // PyTorch looks for the next sample while it fills a short last batch.
      if (stop - start < this.batchSize) order.finish();
      yield this.dataset.batch(range(start, stop, indices));
    }
    order.finish();
  }
}

/** The samples from `start` on up to `stop`, in an order if there is one. By hand: `slice` looks for subclasses each time. */
function range(start: number, stop: number, order: Int32Array | null = null): Int32Array {
  const indices = new Int32Array(stop - start);
  for (let i = 0; i < indices.length; i++) indices[i] = order === null ? start + i : (order[start + i] as number);
  return indices;
}
