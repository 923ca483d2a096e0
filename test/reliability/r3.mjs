// R3: forward results against float64 over random shapes.
import { runProgram } from "./support/programs.mjs";
import { tally } from "./support/tally.mjs";

export const title =
  "Over random shapes every operation lies as close to float64 as one rounding, 10⁻⁶ or (on WebGPU) WGSL's intervals allow.";

const PLACES = [
  ["node", "cpu"],
  ["deno webgpu", "webgpu"],
  ["chromium webgpu", "webgpu"],
];

export async function row({ cut }) {
  const t = tally();
  const seed = Number(process.env.RELIABILITY_SEED ?? Date.now() % 2 ** 31);
  for (const [place, device] of cut ? PLACES.slice(0, 2) : PLACES) {
    const options = { device, seed, milliseconds: cut ? 40 : 250 };
    for (const { tried, failures } of await runProgram("forward", place, options)) {
      const [first] = failures;
      const told =
        first && `${place}, seed ${seed}: ${first}${failures.length > 1 ? ` and ${failures.length - 1} more` : ""}`;
      t.add(tried - failures.length, tried, told);
    }
  }
  return t.result(`shapes, seed ${seed}`);
}
