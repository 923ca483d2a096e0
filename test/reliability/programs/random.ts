// Random shapes and values from a seed.

/** What a case computes with: its elements in row-major order. */
export interface Input {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  /** Whether the last two dimensions are to lie in memory the other way round. */
  readonly swapped: boolean;
}

/** Edges of vectors, words and workgroups, and sizes between. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 17, 31, 33, 63, 64, 65];
const MAX_ELEMENTS = 8192;

/** A generator of its own (mulberry32), so that a failure repeats from its seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  size(): number {
    return this.pick(SIZES);
  }

  /** So many dimensions, or as many as fit. */
  shape(rank: number): number[] {
    const shape: number[] = [];
    for (let n = 1; shape.length < rank; ) {
      const size = this.size();
      shape.push(n * size <= MAX_ELEMENTS ? size : 1);
      n *= shape.at(-1) as number;
    }
    return shape;
  }

  /** Values evenly from `low` to `high`, rounded to float32. */
  input(shape: readonly number[], low: number, high: number): Input {
    const n = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: n }, () => low + (high - low) * this.next());
    return { data, shape, swapped: shape.length >= 2 && this.next() < 0.3 };
  }
}
