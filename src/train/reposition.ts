import type { RandomState } from "../core/random/state.ts";
import type { Tensor } from "../tensor.ts";
import { drawnFrom } from "./evaluate.ts";
import { putRandom, type Snapshot } from "./snapshot.ts";
import type { TrainBatches } from "./train.ts";

/** What is left of an epoch. */
export type Rest = AsyncIterable<readonly [Tensor, Tensor]>;

/** Batches that go on where they were left when a loop over them is cut short. */
export function resumable(random: RandomState, batches: Rest): Rest {
  const iterator = drawnFrom(random, batches)[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

const NOTHING: Rest = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) };

/**
 * Puts the generators of a run and its loader where a snapshot was taken, by drawing that epoch's order once more.
 *
 * @returns the batches that were not had then; undefined where none were, so that the epoch begins as any other
 */
export async function reposition(
  batches: TrainBatches,
  random: RandomState,
  snapshot: Snapshot,
): Promise<Rest | undefined> {
  const { start, step, trained } = snapshot;
  const { generator } = random;
  if (start.own) batches.generator?.setState(start.own);
  generator.setState(start.standard);
  const passed = step > 0 ? await passOver(batches, random, step) : undefined;
  // What a loader draws at its end was drawn before the snapshot.
  if (trained) await passed?.[Symbol.asyncIterator]().next();
  // What the order cost is drawn again; masks and whatever else follows go on from the snapshot.
  putRandom(random, snapshot.random);
  return trained ? NOTHING : passed;
}

/** An epoch without its first `step` batches. */
async function passOver(batches: TrainBatches, random: RandomState, step: number): Promise<Rest> {
  const { generator } = random;
  if (batches.epochFrom) return resumable(random, batches.epochFrom(generator, step));
  const rest = resumable(random, batches.epoch?.(generator) ?? batches);
  const iterator = rest[Symbol.asyncIterator]();
  for (let i = 0; i < step; i++) await iterator.next();
  return rest;
}
