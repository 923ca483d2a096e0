const SIZE = 624;
const SHIFT = 397;
const HIGH_BIT = 0x80000000;
const LOW_BITS = 0x7fffffff;
const MATRIX = 0x9908b0df;

/** Everything that decides the following words of an mt19937: its 624 words, and how many of them are used up. */
export interface MersenneState {
  /** The 624 words of the twister, each an integer in [0, 2^32). */
  readonly words: Uint32Array;
  /** How many of them have been drawn, 0 to 624. */
  readonly position: number;
}

/**
 * The Mersenne Twister mt19937: a stream of 32-bit words of period 2^19937 − 1, seeded as `init_genrand` does.
 *
 * @see Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995
 */
export class Mt19937 {
  readonly #words = new Uint32Array(SIZE);
  #position = SIZE;

  /** Starts the stream of a 32-bit seed. */
  seed(seed: number): void {
    const words = this.#words;
    words[0] = seed;
    for (let j = 1; j < SIZE; j++) {
      const previous = words[j - 1]!;
      words[j] = Math.imul(1812433253, previous ^ (previous >>> 30)) + j;
    }
    this.#position = SIZE;
  }

  /** The next word of the stream, an integer in [0, 2^32). */
  next(): number {
    if (this.#position === SIZE) this.#twist();
    let y = this.#words[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A copy of the state. */
  getState(): MersenneState {
    return { words: this.#words.slice(), position: this.#position };
  }

  /**
   * Goes on where `state` was taken; the state is copied.
   *
   * @throws RangeError unless it has 624 words and a position in [0, 624]
   */
  setState(state: MersenneState): void {
    const { words, position } = state;
    if (words.length !== SIZE)
      throw new RangeError(
        `Generator.setState: expected ${SIZE} words, got ${words.length}; pass what getState() gave`,
      );
    if (!Number.isInteger(position) || position < 0 || position > SIZE)
      throw new RangeError(`Generator.setState: position must be an integer in [0, ${SIZE}], got ${position}`);
    this.#words.set(words);
    this.#position = position;
  }

  #twist(): void {
    const words = this.#words;
    // Three stretches instead of one loop with two remainders per word: the neighbours wrap around in the last two.
    for (let k = 0; k < SIZE - SHIFT; k++) words[k] = words[k + SHIFT]! ^ mix(words[k]!, words[k + 1]!);
    for (let k = SIZE - SHIFT; k < SIZE - 1; k++) words[k] = words[k + SHIFT - SIZE]! ^ mix(words[k]!, words[k + 1]!);
    words[SIZE - 1] = words[SHIFT - 1]! ^ mix(words[SIZE - 1]!, words[0]!);
    this.#position = 0;
  }
}

function mix(upper: number, lower: number): number {
  const y = (upper & HIGH_BIT) | (lower & LOW_BITS);
  return (y >>> 1) ^ (-(y & 1) & MATRIX);
}
