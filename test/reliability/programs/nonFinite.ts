// Runs whose loss or weights become NaN or infinite.
import { NonFiniteError } from "../../../src/core/errors.ts";
import { parse } from "../../../src/io/safetensors.ts";
import { BATCH, type Kind, MemoryStore, open, smallRun, STEPS, stepsOf } from "./smallRun.ts";

/** How a run ended. */
export interface Ended {
  readonly message: string;
  /** Steps done, counted through all epochs. */
  readonly steps: number;
  /** Steps done at the last checkpoint; 0 where there is none. */
  readonly saved: number;
  /** Whether the last checkpoint holds finite numbers alone. */
  readonly isGood: boolean;
  readonly isNonFinite: boolean;
}

/** A NaN in the batch of each of `steps`, and learning rates that are far too high. */
export async function main({ device, steps, rates }: { device: Kind["device"]; steps: number[]; rates: number[] }) {
  await open(device);
  const kinds: Kind[] = [
    ...steps.map((step) => ({ device, bad: (step - 1) * BATCH + 2 })),
    ...rates.map((lr) => ({ device, lr, deep: true })),
  ];
  const ended: Ended[] = [];
  for (const kind of kinds) {
    const store = new MemoryStore();
    let done = 0;
    const onStep = ({ epoch, step }: { epoch: number; step: number }): void => {
      done = (epoch - 1) * STEPS + step;
    };
    const { run } = smallRun(kind);
    const error = await run({ checkpoint: { to: store, everySteps: 1 }, onStep }).then(
      ({ status }) => status,
      (reason: unknown) => reason,
    );
    ended.push({
      message: error instanceof Error ? error.message : String(error),
      steps: done,
      saved: store.bytes === undefined ? 0 : stepsOf(store.bytes),
      isGood: store.bytes === undefined || isSound(store.bytes),
      isNonFinite: error instanceof NonFiniteError,
    });
  }
  return ended;
}

function isSound(bytes: Uint8Array): boolean {
  for (const [name, { data }] of parse(bytes).tensors)
    if (name.startsWith("model.") && !Array.from<number | bigint>(data).every((value) => Number.isFinite(value)))
      return false;
  return true;
}
