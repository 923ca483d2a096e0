import { Generator } from "../core/random.ts";

/**
 * The order of one epoch of a loader and the draws it costs, as PyTorch's `DataLoader` makes them. Making one is PyTorch's
 * `iter(loader)`: it draws the base seed (one int64, two words), whether the epoch is shuffled or not.
 *
 * Shuffling with the default generator draws a sampler seed (one int64) from it, and the permutation from a private
 * generator with that seed. Shuffling with an own one draws the permutation from it, and a second one at the end.
 */
export class EpochOrder {
  readonly #n: number;
  readonly #shuffle: boolean;
  readonly #generator: Generator;
  readonly #own: boolean;
  #indices: Int32Array<ArrayBuffer> | null = null;
  #finished = false;

  /**
   * @param n number of samples
   * @param shuffle whether the order is random
   * @param generator where the words come from
   * @param own true if the loader was given this generator, false if it is the default one
   * @throws RangeError unless `n` is a non-negative integer
   */
  constructor(n: number, shuffle: boolean, generator: Generator, own: boolean) {
    if (!Number.isSafeInteger(n) || n < 0)
      throw new RangeError(`EpochOrder: the number of samples must be a non-negative integer, got ${n}`);
    this.#n = n;
    this.#shuffle = shuffle;
    this.#generator = generator;
    this.#own = own;
    generator.random64(1);
  }

  /**
   * The samples in their order, or null for 0, 1, … n − 1. The first call draws it: make it at the first batch, since what
   * a program draws before that comes first in PyTorch too.
   */
  indices(): Int32Array<ArrayBuffer> | null {
    if (this.#shuffle && this.#indices === null)
      this.#indices = this.#own ? this.#generator.randperm(this.#n) : this.#drawPrivately();
    return this.#indices;
  }

  /**
   * Ends the epoch: an own generator loses a second permutation, once. PyTorch does so when it looks for a sample after the
   * last: while it fills a short last batch, or where every batch is full (or the short one is dropped), when it is asked
   * for one more. An epoch left early never comes there.
   */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.indices();
    if (this.#shuffle && this.#own) this.#generator.randperm(this.#n);
  }

  #drawPrivately(): Int32Array<ArrayBuffer> {
    const [seed] = this.#generator.random64(1);
    return new Generator(seed).randperm(this.#n);
  }
}

/**
 * A random partition of 0 … sum(lengths) − 1: one permutation, cut into consecutive parts, as PyTorch's `random_split`.
 *
 * @throws RangeError unless every length is a non-negative integer
 */
export function splitIndices(lengths: readonly number[], generator: Generator): Int32Array<ArrayBuffer>[] {
  let n = 0;
  for (const length of lengths) {
    if (!Number.isSafeInteger(length) || length < 0)
      throw new RangeError(`randomSplit: lengths must be non-negative integers, got [${lengths.join(", ")}]`);
    n += length;
  }
  const order = generator.randperm(n);
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return order.slice(start - length, start);
  });
}
