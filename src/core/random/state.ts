import { seedOf } from "./checks.ts";
import { Generator, type GeneratorState } from "./generator.ts";

/**
 * Where dropout masks come from: `"philox"` computes them inside the kernels, the same bits on every device; `"torch"` draws them
 * on the host from mt19937 in the order of PyTorch's CPU path, so that a whole PyTorch run can be followed.
 *
 * @see Salmon et al. 2011, https://doi.org/10.1145/2063384.2063405 (Philox4x32-10)
 * @category Random numbers
 */
export type DropoutMasks = "philox" | "torch";

/** Words of one dropout call: the key (seed) and the call's number in the stream (offset), each as two 32-bit halves. */
export interface DropoutStream {
  readonly offsetLow: number;
  readonly offsetHigh: number;
  readonly seedLow: number;
  readonly seedHigh: number;
}

/** Where a run's draws stand. */
export interface RandomSnapshot {
  readonly generator: GeneratorState;
  readonly offset: number;
}

/** Everything random in a run: the host generator, and the counter that dropout masks are computed from. */
export class RandomState {
  readonly generator: Generator;
  masks: DropoutMasks = "philox";
  /** Calls of dropout since the seed was set. */
  offset = 0;
  #seedLow = 0;
  #seedHigh = 0;

  constructor(generator: Generator = new Generator()) {
    this.generator = generator;
    this.#setSeed(generator.initialSeed());
  }

  /** A state whose host draws come from `generator`; one draw of it keys the masks, so that no two runs share them. */
  static over(generator: Generator, masks: DropoutMasks): RandomState {
    const state = new RandomState(generator);
    state.#setSeed(generator.word64());
    state.masks = masks;
    return state;
  }

  /** Starts both streams over. @throws RangeError as `Generator.manualSeed` */
  manualSeed(seed: number | bigint, masks: DropoutMasks = "philox"): void {
    this.generator.manualSeed(seed);
    this.#setSeed(seedOf("manualSeed", seed));
    this.masks = masks;
  }

  /** The stream of the next dropout call. */
  nextDropout(): DropoutStream {
    const offset = this.offset++;
    return {
      offsetLow: offset >>> 0,
      offsetHigh: Math.floor(offset / 2 ** 32),
      seedLow: this.#seedLow,
      seedHigh: this.#seedHigh,
    };
  }

  /**
   * A state that goes on from here, while this one moves to a stream of its own. A run that takes a fork at its start
   * draws the same whatever else runs meanwhile; the first fork after `manualSeed` follows PyTorch's stream.
   */
  fork(): RandomState {
    const fork = new RandomState();
    fork.generator.setState(this.generator.getState());
    fork.masks = this.masks;
    fork.offset = this.offset;
    fork.#seedLow = this.#seedLow;
    fork.#seedHigh = this.#seedHigh;
    this.manualSeed(this.generator.word64(), this.masks);
    return fork;
  }

  /** A copy of all that decides later draws but the seed of the masks, which stays; `setState` with it repeats them. */
  getState(): RandomSnapshot {
    return { generator: this.generator.getState(), offset: this.offset };
  }

  /** Goes back to a state of this same run. */
  setState({ generator, offset }: RandomSnapshot): void {
    this.generator.setState(generator);
    this.offset = offset;
  }

  #setSeed(seed: bigint): void {
    this.offset = 0;
    this.#seedLow = Number(BigInt.asUintN(32, seed));
    this.#seedHigh = Number(BigInt.asUintN(32, seed >> 32n));
  }
}

const standard = new RandomState();
let current = standard;

/** The state that draws come from now. */
export const randomState = (): RandomState => current;

/** Runs synchronous `work` with its draws taken from `state`. */
export function withRandom<T>(state: RandomState, work: () => T): T {
  const before = current;
  current = state;
  try {
    return work();
  } finally {
    current = before;
  }
}

/**
 * Seeds everything random: draws on the host (`rand`, `nn.init`, loader order …, PyTorch's mt19937) and dropout masks.
 *
 * May be called before `init`.
 *
 * @param seed an integer in [−2^63, 2^64), a bigint from 2^53 on; negative ones count modulo 2^64
 * @param options `dropout`: `"philox"` (default) computes masks inside the kernels, the same on every device; `"torch"` draws
 *   them on the host in the order of PyTorch's CPU path
 * @throws RangeError if `seed` is no such integer
 * @throws TypeError for another word than the two
 * @see https://pytorch.org/docs/stable/generated/torch.manual_seed.html
 * @category Random numbers
 */
export function manualSeed(seed: number | bigint, options: { dropout?: DropoutMasks } = {}): void {
  const { dropout = "philox" } = options;
  if (dropout !== "philox" && dropout !== "torch")
    throw new TypeError(`manualSeed: dropout must be "philox" or "torch", got ${JSON.stringify(dropout)}`);
  standard.manualSeed(seed, dropout);
}
