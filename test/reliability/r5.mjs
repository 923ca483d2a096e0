// R5: the CPU and WebGPU follow the same loss curve.
import { runProgram } from "./support/programs.mjs";
import { ensure, tally } from "./support/tally.mjs";

export const title =
  "WebGPU follows the CPU's loss curve: within 10⁻⁵ for 10 steps and for steps from the CPU's snapshots; after an epoch the accuracies differ by less than half a point.";

/** float32 sums in another order leave less than this after ten steps; a mask that differs in one bit changes 1e-3. */
const TOLERANCE = 1e-5;
const POINTS = 0.005;
export const seconds = 900;
const FORMS = {
  full: { places: ["deno webgpu", "chromium webgpu"], options: { free: 10, forced: 20, epoch: true } },
  cut: { places: ["deno webgpu"], options: { free: 4, forced: 3, epoch: false } },
};

export async function row({ cut }) {
  const t = tally();
  const { places, options } = cut ? FORMS.cut : FORMS.full;
  let worst = 0;
  for (const place of places) {
    const { free, forced, accuracies } = await runProgram("curves", place, options, 420);
    for (const [kind, list] of Object.entries({ free, forced }))
      for (const [i, difference] of list.entries()) {
        worst = Math.max(worst, difference);
        await t.try(`${place}, ${kind} step ${i + 1}`, () =>
          ensure(difference <= TOLERANCE, `differs by ${difference}`),
        );
      }
    const [cpu, gpu] = accuracies;
    if (options.epoch)
      await t.try(`${place}, accuracy`, () => ensure(Math.abs(cpu - gpu) <= POINTS, `${gpu}, the CPU's is ${cpu}`));
  }
  return t.result(`losses and accuracies, at most ${worst.toExponential(1)} apart`);
}
