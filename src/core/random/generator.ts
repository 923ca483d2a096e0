import type { ScalarMath } from "../scalarMath.ts";
import { checkBounds, checkCount, checkInterval, checkProbability, seedOf } from "./checks.ts";
import { type MersenneState, Mt19937 } from "./mt19937.ts";
import { normalBlock } from "./normalFill.ts";

const DEFAULT_SEED = 67280421310721n;
const TWO_32 = 2 ** 32;
const MAX_PERMUTATION = 214748363;
const f = Math.fround;

/**
 * Everything that decides the following draws of a `Generator`: plain data, copied on the way in and out.
 *
 * @category Random numbers
 */
export interface GeneratorState extends MersenneState {
  /** What `initialSeed()` tells. */
  readonly seed: bigint;
  /** The normal value that the last small draw has left over for the next one. */
  readonly nextNormal: number | null;
}

/**
 * PyTorch's CPU generator: mt19937 and PyTorch's way from its words to values, bit for bit. Elements are drawn one after
 * another in row-major order. Only the low 32 bits of the seed choose the stream, as in PyTorch.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Generator.html
 * @see https://github.com/pytorch/pytorch/blob/v1.13.0/aten/src/ATen/core/DistributionsHelper.h
 * @category Random numbers
 */
export class Generator {
  readonly #engine = new Mt19937();
  #seed = 0n;
  #nextNormal: number | null = null;

  /**
   * A generator at the start of a seed's stream.
   *
   * @param seed as for `manualSeed`; PyTorch's default, 67280421310721, unless given
   * @throws RangeError where `manualSeed` does
   */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed);
  }

  /**
   * Starts the stream of a seed over.
   *
   * @param seed an integer in [−2^63, 2^64), a bigint from 2^53 on; negative ones count modulo 2^64
   * @throws RangeError if it is no such integer
   */
  manualSeed(seed: number | bigint): this {
    this.#seed = seedOf("manualSeed", seed);
    this.#engine.seed(Number(BigInt.asUintN(32, this.#seed)));
    this.#nextNormal = null;
    return this;
  }

  /** The seed of the stream, in [0, 2^64). */
  initialSeed(): bigint {
    return this.#seed;
  }

  /** A copy of the whole state; `setState` with it repeats every later draw. */
  getState(): GeneratorState {
    return { seed: this.#seed, nextNormal: this.#nextNormal, ...this.#engine.getState() };
  }

  /**
   * Goes on where `state` was taken, here or in another generator.
   *
   * @param state what `getState` gave
   * @throws RangeError if `state` is none that `getState` gives; this generator is then unchanged
   */
  setState(state: GeneratorState): this {
    const { nextNormal } = state;
    const seed = seedOf("Generator.setState", state.seed);
    if (nextNormal !== null && !Number.isFinite(nextNormal))
      throw new RangeError(`Generator.setState: nextNormal must be finite or null, got ${nextNormal}`);
    this.#engine.setState(state);
    this.#seed = seed;
    this.#nextNormal = nextNormal;
    return this;
  }

  /** The next word, an integer in [0, 2^32). */
  word(): number {
    return this.#engine.next();
  }

  /** The next two words as one integer in [0, 2^64); the first word is the high half. */
  word64(): bigint {
    const high = BigInt(this.word());
    return (high << 32n) | BigInt(this.word());
  }

  /**
   * `n` float32 values k·2^-24 in [0, 1), one word each.
   *
   * @throws RangeError unless `n` is a non-negative integer
   */
  rand(n: number): Float32Array<ArrayBuffer> {
    checkCount("rand", n);
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#unit();
    return out;
  }

  /**
   * `n` float64 values k·2^-53 in [0, 1), two words each.
   *
   * @throws RangeError unless `n` is a non-negative integer
   */
  rand64(n: number): Float64Array<ArrayBuffer> {
    checkCount("rand64", n);
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#unit64();
    return out;
  }

  /**
   * `n` float32 values u·(to − from) + from, u from `rand`, rounded once as the fused operation of PyTorch's vector code.
   *
   * @param from the least value
   * @param to the end of the interval, from ≤ to
   * @throws RangeError unless from <= to and both, and their distance, are finite in float32
   */
  uniform(n: number, from: number, to: number): Float32Array<ArrayBuffer> {
    checkCount("uniform", n);
    checkBounds("uniform", from, to);
    const start = f(from);
    const width = f(f(to) - start);
    const out = new Float32Array(n);
    // u and width are float32, so their float64 product is exact and the store rounds the sum: a fused multiply-add.
    for (let i = 0; i < n; i++) out[i] = this.#unit() * width + start;
    return out;
  }

  /**
   * `n` float32 values of the normal distribution. Fewer than 16 are drawn one by one in float64 (Box–Muller; the second
   * value of a pair waits for the next small draw), 16 or more as PyTorch's vector code does, from n words, or n + 16 if
   * n is no multiple of 16. `randn` with a `generator` is the way to these values from outside.
   *
   * @internal
   * @param mean the mean
   * @param std the standard deviation, >= 0
   * @param math functions whose bits are the same in every engine
   * @throws RangeError if `std` is negative or NaN
   */
  normal(n: number, mean: number, std: number, math: ScalarMath): Float32Array<ArrayBuffer> {
    checkCount("normal", n);
    if (!(std >= 0)) throw new RangeError(`normal: std must not be negative, got ${std}`);
    if (n < 16) {
      const out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = this.#normal64(math) * std + mean;
      return out;
    }
    const out = this.rand(n);
    for (let i = 0; i + 16 <= n; i += 16) normalBlock(out, i, mean, std);
    if (n % 16 !== 0) {
      // PyTorch draws the last 16 anew, though some of them are done already.
      for (let i = n - 16; i < n; i++) out[i] = this.#unit();
      normalBlock(out, n - 16, mean, std);
    }
    return out;
  }

  /**
   * `n` int32 values low + word mod (high − low), one word each: PyTorch's `randint` for int32, slightly biased like it.
   *
   * @param low the least value
   * @param high one more than the largest value
   * @throws RangeError unless low < high are integers and [low, high) lies in [−2^31, 2^31)
   */
  randint(n: number, low: number, high: number): Int32Array<ArrayBuffer> {
    checkCount("randint", n);
    checkInterval("randint", low, high, -(2 ** 31), 2 ** 31);
    const range = high - low;
    const out = new Int32Array(n);
    for (let i = 0; i < n; i++) out[i] = low + (this.word() % range);
    return out;
  }

  /**
   * `n` int64 values low + word mod (high − low); from a range of 2^32 on with `word64()` in place of the word.
   *
   * @param low the least value
   * @param high one more than the largest value
   * @throws RangeError unless low < high and [low, high) lies in [−2^63, 2^63)
   */
  randint64(n: number, low: bigint, high: bigint): BigInt64Array<ArrayBuffer> {
    checkCount("randint64", n);
    checkInterval("randint64", low, high, -(2n ** 63n), 2n ** 63n);
    const range = high - low;
    const wide = range >= 2n ** 32n;
    const out = new BigInt64Array(n);
    for (let i = 0; i < n; i++) out[i] = low + ((wide ? this.word64() : BigInt(this.word())) % range);
    return out;
  }

  /**
   * `n` int64 values `word64()` mod 2^63: PyTorch's `random_()`.
   *
   * @throws RangeError unless `n` is a non-negative integer
   */
  random64(n: number): BigInt64Array<ArrayBuffer> {
    checkCount("random64", n);
    const out = new BigInt64Array(n);
    for (let i = 0; i < n; i++) out[i] = BigInt.asUintN(63, this.word64());
    return out;
  }

  /**
   * The numbers 0 … n − 1 in random order, from n − 1 words (Fisher–Yates from the front).
   *
   * @param n 0 ≤ n ≤ 214748363
   * @throws RangeError unless n is an integer in [0, 214748363]: beyond that PyTorch's versions draw differently
   */
  randperm(n: number): Int32Array<ArrayBuffer> {
    checkCount("randperm", n);
    if (n > MAX_PERMUTATION) throw new RangeError(`randperm: n must be at most ${MAX_PERMUTATION}, got ${n}`);
    const out = new Int32Array(n);
    for (let i = 0; i < n; i++) out[i] = i;
    for (let i = 0; i < n - 1; i++) {
      const other = i + (this.word() % (n - i));
      const value = out[i]!;
      out[i] = out[other]!;
      out[other] = value;
    }
    return out;
  }

  /**
   * `n` float32 values, 1 with probability `p` and else 0, two words each.
   *
   * @param p probability of a one, 0 ≤ p ≤ 1
   * @throws RangeError if `p` lies outside [0, 1], or `n` is no non-negative integer
   */
  bernoulli(n: number, p: number): Float32Array<ArrayBuffer> {
    checkCount("bernoulli", n);
    checkProbability("bernoulli", p);
    return this.#bernoulli(n, p, 1);
  }

  /**
   * For each element of `p` 1 with that probability and else 0, one word each.
   *
   * @param p probabilities, each in [0, 1]
   * @throws RangeError if one lies outside [0, 1]
   */
  bernoulliOf(p: Float32Array): Float32Array<ArrayBuffer> {
    for (const probability of p) checkProbability("bernoulli", probability);
    const out = new Float32Array(p.length);
    for (let i = 0; i < p.length; i++) out[i] = this.#unit() < p[i]! ? 1 : 0;
    return out;
  }

  /**
   * The factors of PyTorch's dropout: 0 with probability `p`, else 1 / (1 − p) in float32; two words each. For p = 0 and
   * p = 1, where nothing is left to chance, PyTorch draws nothing and so does this.
   *
   * @param p probability of a zero, 0 ≤ p ≤ 1
   * @throws RangeError if `p` lies outside [0, 1]
   */
  dropoutNoise(n: number, p: number): Float32Array<ArrayBuffer> {
    checkCount("dropout", n);
    checkProbability("dropout", p);
    if (p === 0) return new Float32Array(n).fill(1);
    if (p === 1) return new Float32Array(n);
    return this.#bernoulli(n, 1 - p, f(1 / f(1 - p)));
  }

  #unit(): number {
    return (this.#engine.next() & 0xffffff) * 2 ** -24;
  }

  #unit64(): number {
    const high = this.#engine.next() & 0x1fffff;
    return (high * TWO_32 + this.#engine.next()) * 2 ** -53;
  }

  #bernoulli(n: number, p: number, one: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = this.#unit64() < p ? one : 0;
    return out;
  }

  #normal64(math: ScalarMath): number {
    const kept = this.#nextNormal;
    this.#nextNormal = null;
    if (kept !== null) return kept;
    const angle = 2 * Math.PI * this.#unit64();
    const radius = Math.sqrt(-2 * math.log1p(-this.#unit64()));
    this.#nextNormal = radius * math.sin(angle);
    return radius * math.cos(angle);
  }
}
