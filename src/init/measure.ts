import type { Backend } from "../backend/backend.ts";
import type { Kernel } from "../core/kernel.ts";
import { RunningTrial, trialOf } from "./trial.ts";

/** The reference job's first and last layer, at its batch size. */
const SIZES = { rows: 200, ins: 784, hidden: 256, classes: 10 };
const STEPS = 4;
const ROUNDS = 3;

/** Milliseconds of one training step, the best of three rounds after one to warm up. */
export async function measureStep(kernels: readonly Kernel[], backend: Backend): Promise<number> {
  const trial = new RunningTrial(backend, trialOf(kernels, SIZES));
  const round = async () => {
    const start = performance.now();
    for (let i = 0; i < STEPS; i++) trial.step();
    await trial.read("loss"); // waits for all that was queued
    return (performance.now() - start) / STEPS;
  };
  try {
    await round();
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < ROUNDS; i++) best = Math.min(best, await round());
    return best;
  } finally {
    trial.dispose();
  }
}
