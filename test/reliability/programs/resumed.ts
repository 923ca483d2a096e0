// Runs that are cut short, and their rest: to be called in one process for the first part, and in another one for the second.
import { EPOCHS, fingerprint, fromText, type Kind, MemoryStore, open, smallRun, STEPS, toText } from "./smallRun.ts";

interface Options {
  readonly kinds: readonly Kind[];
  /** Steps after which each kind's run is cut short, counted through all epochs; undefined: none is. */
  readonly cuts?: readonly number[];
  /** Checkpoints to go on from. */
  readonly checkpoints?: readonly string[];
}

export const total: number = STEPS * EPOCHS;

/** For each kind the checkpoint where it was cut short, or the fingerprint of its end. */
export async function main({ kinds, cuts, checkpoints }: Options): Promise<string[]> {
  const told: string[] = [];
  for (const [i, kind] of kinds.entries()) {
    await open(kind.device);
    const store = new MemoryStore();
    const controller = new AbortController();
    const cut = cuts?.[i];
    const onStep = ({ epoch, step }: { epoch: number; step: number }): void => {
      if ((epoch - 1) * STEPS + step === cut) controller.abort();
    };
    const text = checkpoints?.[i];
    const { run } = smallRun(kind);
    const { status } = await run({
      ...{ checkpoint: store, onStep, signal: controller.signal },
      ...(text !== undefined && { resume: fromText(text) }),
    });
    if (status !== (cut === undefined ? "completed" : "aborted")) throw new RangeError(`the run was ${status}`);
    const bytes = store.bytes ?? new Uint8Array();
    told.push(cut === undefined ? await fingerprint(bytes) : toText(bytes));
  }
  return told;
}
