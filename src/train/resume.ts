import type { ByteStore } from "../io/store.ts";
import type { Module } from "../nn/module.ts";
import type { Restorable } from "./snapshot.ts";

/**
 * What a loop of one's own saves and takes up again.
 *
 * @category Training
 */
export interface LoopState {
  /** The model. */
  model: Module;
  /** An optimizer of `optim`, or one with `stateDict` and `loadStateDict`. */
  optimizer?: Restorable;
  /** Whatever else the loop needs to know, as the epochs it has done: anything that JSON can hold. */
  data?: unknown;
}

/**
 * What `resume` gives.
 *
 * @category Training
 */
export interface ResumedLoop {
  /** The `data` that `save` was given, as JSON carries it. */
  readonly data: unknown;
}

/**
 * Writes a checkpoint of a loop of one's own: the weights, the optimizer's state, both generators that `manualSeed` seeds, and
 * `data`. Between two epochs that is all that decides how the loop goes on. (`fit` writes its own, with its option `checkpoint`.)
 *
 * @param to a file's path (in a page a name in its own storage), or a store
 * @param state what is saved
 * @throws DataError where it cannot be written; what was there before is unchanged
 * @throws DeviceLostError if the device was lost
 * @category Training
 */
export async function save(to: string | ByteStore, state: LoopState): Promise<void> {
  // On use: most programs leave it to fit.
  const { saveLoop } = await import("./loopState.ts");
  await saveLoop(to, state);
}

/**
 * Takes up what `save` wrote, or a checkpoint of `fit`: puts weights, optimizer and generators back, once all of it is found right.
 *
 * @param from a path, a name, a store, or the bytes
 * @param state the model, and the optimizer if its state was saved
 * @returns the `data` that was saved, as JSON carries it; undefined where there is no checkpoint yet
 * @throws FormatError for bytes that are no checkpoint, or a damaged one
 * @throws ShapeError where it is of another model or optimizer; nothing is changed then
 * @category Training
 */
export async function resume(
  from: string | ByteStore | Uint8Array,
  state: Omit<LoopState, "data">,
): Promise<ResumedLoop | undefined> {
  const { resumeLoop } = await import("./loopState.ts");
  return resumeLoop(from, state);
}
