// R13: values that are not finite end training soon, with a sentence, and no checkpoint holds them.
import { runProgram } from "./support/programs.mjs";
import { ensure, tally } from "./support/tally.mjs";

export const title =
  "A NaN in the data or a learning rate far too high ends training within a step on the CPU, and on WebGPU by a snapshot that is taken within its interval and read while training goes on; the error names step and layer, the last checkpoint is good.";

const [SECONDS, SNAPSHOT_EVERY] = [240, 5];
const BAD_STEPS = [1, 2, 5, 8, 12];
const RATES = [1e6, 1e20, 1e38];

export async function row({ cut }) {
  const t = tally();
  const places = cut
    ? [["node", "cpu"]]
    : [
        ["node", "cpu"],
        ["deno", "cpu"],
        ["chromium", "cpu"],
        ["deno webgpu", "webgpu"],
        ["chromium webgpu", "webgpu"],
      ];
  for (const [place, device] of places) {
    // A snapshot comes within its interval; while it is read a few steps more are done, of which few can be under way at once.
    const [late, more] = device === "cpu" ? [0, 0] : [SNAPSHOT_EVERY, SNAPSHOT_EVERY];
    const ended = await runProgram("nonFinite", place, { device, steps: BAD_STEPS, rates: RATES }, SECONDS).catch(
      (error) => [{ message: error.message }],
    );
    for (const [i, bad] of [...BAD_STEPS, ...RATES].entries()) {
      const { message = "nothing came", steps, saved, isGood, isNonFinite } = ended[i] ?? ended[0];
      const isRate = i >= BAD_STEPS.length;
      await t.try(`${place}, ${isRate ? `learning rate ${bad}` : `NaN in step ${bad}`}`, () => {
        ensure(isNonFinite, message);
        ensure(isGood, "the checkpoint holds values that are not finite");
        ensure(/step \d+ of epoch \d/.test(message), message);
        ensure(/\b\d\.(weight|bias)/.test(message) || isRate, `no layer is named: ${message}`);
        const [, found] = /step (\d+) of epoch 1/.exec(message) ?? [];
        ensure(isRate || (found >= bad && found <= bad + late), message);
        // A step is saved while the next one runs: at least the one before the last is.
        ensure(isRate || (saved >= bad - 2 - late - more && saved < bad), `the checkpoint is of step ${saved}`);
        // The bad step itself is not done. A high rate breaks the weights in the first steps: how soon depends on it.
        ensure(steps <= (isRate ? 8 : bad - 1) + late + more, `${steps} steps were done`);
      });
    }
  }
  return t.result(`${places.map(([place]) => place).join(", ")}`);
}
