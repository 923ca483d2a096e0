// R11: a GPU that is lost while `fit` runs.
import { openWithProgram } from "./support/gpuProcess.mjs";
import { runProgram } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "A GPU lost at a random step ends fit in the same weights; where none can be had again, training goes on on the CPU and says so; never in NaN.";
export const seconds = 1200;

const [STEPS, TRIES] = [40, 20];
/** As much as float32 sums in another order come to in forty steps: WebGPU's steps, then the CPU's. */
const AWAY = 1e-3;

/** Different steps in no order. */
function drawSteps(n) {
  const all = Array.from({ length: STEPS }, (_, i) => i + 1);
  for (let i = STEPS - 1; i > 0; i--) {
    const k = Math.floor(Math.random() * (i + 1));
    [all[i], all[k]] = [all[k], all[i]];
  }
  return all.slice(0, n);
}

/** `device.destroy()`: a new device is to be had at once. */
async function destroyed(t, place, lostAt) {
  const { undisturbed, runs } = await runProgram("lostGpu", place, { lostAt }, 280);
  for (const [i, run] of runs.entries())
    await t.try(`${place}, destroyed at step ${lostAt[i]}`, () => {
      same(run.followedBy, ["webgpu"], "followed by");
      same([run.weights, run.status], [undisturbed.weights, "completed"]);
    });
}

/** The end of the browser's GPU process: it may start another one, or offer no adapter any more. */
async function processEnded(t, how, step, after) {
  const { page, close } = await openWithProgram("lostGpu");
  try {
    await t.try(`Chromium, GPU process ${how} at step ${step}`, async () => {
      await page.evaluate(`program.on("cpu", "cpu")`);
      const undisturbed = await page.evaluate(`program.on("webgpu", "webgpu")`);
      const run = await page.evaluate(`program.whileKilled(${step}, () => endGpu("${how}"))`);
      ensure(run.followedBy.length > 0, "the loss was not told");
      ensure(run.finite && run.status === "completed", `weights finite: ${run.finite}, status ${run.status}`);
      same(run.followedBy.at(-1), run.device, "followed by");
      if (run.device === "webgpu") same(run.weights, undisturbed.weights);
      else ensure(run.away <= AWAY, `${run.away} away from the CPU's run`);
      after[run.device] = (after[run.device] ?? 0) + 1;
    });
  } finally {
    close();
  }
}

export async function row({ cut }) {
  const t = tally();
  const after = {};
  for (const place of cut ? ["deno webgpu"] : ["deno webgpu", "chromium webgpu"])
    await destroyed(t, place, drawSteps(cut ? 2 : TRIES));
  const ends = cut ? ["killed"] : ["killed", "crashed", "killed", "crashed", "killed", "crashed"];
  for (const [i, step] of drawSteps(ends.length).entries()) await processEnded(t, ends[i], step, after);
  const told = Object.entries(after).map(([device, times]) => `${times} went on on ${device}`);
  return t.result(`losses; after the end of the browser's GPU process ${told.join(", ") || "none went on"}`);
}
