import type { Backend } from "../backend/backend.ts";
import type { TypedArray } from "../core/dtype.ts";
import { DeviceError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import { RunningTrial, type Trial, trialOf } from "./trial.ts";

/** Odd sizes, larger than a tile of any kernel and than a panel of a sum. */
const SIZES = { rows: 37, ins: 301, hidden: 45, classes: 11 };
/** Of max(1, |value|): sums of 301 products differ by 1e-6; a wrong kernel is off by far more. */
const TOLERANCE = 1e-4;

/**
 * One training step (forward, backward, Adam) on both backends; every kernel's results must agree.
 *
 * @throws DeviceError that names the first kernel that does not compute what the CPU computes
 */
export async function selfTest(kernels: readonly Kernel[], cpu: Backend, gpu: Backend, adapter: string): Promise<void> {
  const trial = trialOf(kernels, SIZES);
  const [expected, found] = [await results(cpu, trial), await results(gpu, trial)];
  for (const { kernel, writes } of trial.commands)
    for (const name of writes) {
      const wrong = firstWrong(found.get(name) ?? [], expected.get(name) ?? []);
      if (wrong >= 0)
        throw new DeviceError(
          `webgpu: the kernel ${kernel.name} fails its self-test on ${adapter}: ${name}[${wrong}] is ${found.get(name)?.[wrong]}, the CPU gives ${expected.get(name)?.[wrong]}; update the driver or the browser, or call init({ device: "cpu" })`,
        );
    }
}

async function results(backend: Backend, trial: Trial): Promise<Map<string, TypedArray>> {
  const running = new RunningTrial(backend, trial);
  try {
    running.step();
    const names = trial.commands.flatMap(({ writes }) => writes);
    const arrays = await Promise.all(names.map((name) => running.read(name)));
    return new Map(names.map((name, i) => [name, arrays[i] as TypedArray]));
  } finally {
    running.dispose();
  }
}

/** The first element that is not within the tolerance; NaN never is. */
const firstWrong = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Array.from(expected).findIndex((value, i) => {
    const error = Math.abs((found[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value));
    return !(error <= TOLERANCE);
  });
