import type { GeneratorState } from "../core/random.ts";
import { type DropoutMasks, type RandomSnapshot, RandomState } from "../core/random/state.ts";
import type { HostValue } from "../nn/state.ts";
import type { OptimizerState } from "../optim/state.ts";
import type { Tensor } from "../tensor.ts";
import type { BestState } from "./best.ts";
import type { EpochMetrics } from "./epochLine.ts";
import type { Steps } from "./train.ts";

/** Where a run stands. */
export interface Position {
  /** The epoch under way, from 1; one more than there are where all are done. */
  readonly epoch: number;
  /** The steps of it that are done. */
  readonly step: number;
  /** True where it has no more steps, and is to be evaluated. */
  readonly trained: boolean;
}

/** All that decides the draws of a run, the key of its masks included. */
export interface RandomRun extends RandomSnapshot {
  readonly masks: DropoutMasks;
  /** What masks are computed from besides the number of the call, in [0, 2^64). */
  readonly key: bigint;
}

/** The generators as an epoch began: its order is drawn from there. */
export interface EpochStart {
  readonly standard: GeneratorState;
  /** That of a loader that has a generator of its own. */
  readonly own: GeneratorState | undefined;
}

/** What the epochs so far were measured at; element i belongs to epoch i + 1. */
export type MetricLists = { readonly [Name in keyof EpochMetrics]: readonly number[] };

/** A run at one moment, on the host: what a lost device is replaced from, and what a checkpoint holds. */
export interface Snapshot extends Position {
  readonly weights: ReadonlyMap<string, HostValue>;
  readonly optimizer: OptimizerState<object>;
  readonly random: RandomRun;
  readonly start: EpochStart;
  /** Of the epochs before. */
  readonly history: MetricLists;
  readonly best: BestState;
  /** Wall time that the run has taken. */
  readonly seconds: number;
}

/**
 * Parameters of an optimizer, as far as a checkpoint looks at them.
 *
 * @category Training
 */
export interface RestorableGroup {
  /** In order; of each only its sizes count. */
  readonly params: readonly Pick<Tensor, "shape">[];
}

/**
 * An optimizer whose state can be saved and put back. Those of `optim` are.
 *
 * @category Training
 */
export interface Restorable extends Steps {
  /** Its parameters in order, whose shapes a saved state must fit; not checked where it does not tell. */
  readonly paramGroups?: readonly RestorableGroup[];
  /** All that decides its later steps, on the host. */
  stateDict(): Promise<OptimizerState<object>>;
  /**
   * Puts a state back.
   *
   * @param state what `stateDict` gave
   */
  loadStateDict(state: OptimizerState<object>): void;
}

export const isRestorable = (optimizer: Steps): optimizer is Restorable =>
  "stateDict" in optimizer && "loadStateDict" in optimizer;

/** A copy of all that decides the later draws of a run. */
export function takeRandom(random: RandomState): RandomRun {
  const { offset, masks } = random;
  // The key is told with the stream of the next call, which is not made.
  const { seedLow, seedHigh } = random.nextDropout();
  random.offset = offset;
  return { ...random.getState(), masks, key: (BigInt(seedHigh) << 32n) | BigInt(seedLow) };
}

/** Puts the draws of a run where they were. */
export function putRandom(random: RandomState, { masks, key, ...state }: RandomRun): void {
  random.manualSeed(key, masks);
  random.setState(state);
}

/** Gives a state of draws back what a fork of it took, unless somebody has drawn from it since. */
export function unfork(standard: RandomState, fork: RandomState): void {
  const expected = new RandomState();
  putRandom(expected, takeRandom(fork));
  expected.fork();
  if (fingerprint(standard) === fingerprint(expected)) putRandom(standard, takeRandom(fork));
}

/** Tells two states of draws apart. */
function fingerprint(random: RandomState): string {
  const { generator, offset, masks, key } = takeRandom(random);
  return [generator.seed, generator.position, generator.words[0], generator.nextNormal, offset, masks, key].join();
}
