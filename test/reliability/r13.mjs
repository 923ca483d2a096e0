// R13: values that are not finite end training soon, with a sentence, and no checkpoint holds them.
import { runProgram } from "./support/programs.mjs";
import { ensure, tally } from "./support/tally.mjs";

export const title =
  "A NaN in the data or a learning rate far too high ends training within a step on the CPU and within a snapshot's interval on WebGPU; the error names step and layer, the last checkpoint is good.";

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
      ];
  for (const [place, device] of places) {
    const late = device === "cpu" ? 0 : SNAPSHOT_EVERY + 1;
    const ended = await runProgram("nonFinite", place, { device, steps: BAD_STEPS, rates: RATES }, SECONDS).catch(
      (error) => [{ message: error.message }],
    );
    for (const [i, bad] of [...BAD_STEPS, ...RATES].entries()) {
      const { message = "nothing came", steps, isGood, isNonFinite } = ended[i] ?? ended[0];
      const isRate = i >= BAD_STEPS.length;
      await t.try(`${place}, ${isRate ? `learning rate ${bad}` : `NaN in step ${bad}`}`, () => {
        ensure(isNonFinite, message);
        ensure(isGood, "the checkpoint holds values that are not finite");
        ensure(/step \d+ of epoch \d/.test(message), message);
        ensure(/\b\d\.(weight|bias)/.test(message) || isRate, `no layer is named: ${message}`);
        // The bad step itself is not done. A high rate breaks the weights in the first steps: how soon depends on it.
        ensure(steps <= (isRate ? 8 : bad - 1) + late, `${steps} steps were done`);
      });
    }
  }
  return t.result(`${places.map(([place]) => place).join(", ")}`);
}
