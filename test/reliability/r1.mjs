// R1: operations and kernels against references. The tests hold it; `npm test` runs them anyway, so there is no short form.
import { tally } from "./support/tally.mjs";
import { runTests } from "./support/tests.mjs";

export const title =
  "Every operation gives PyTorch's values, every kernel those of a float64 reference, and wrong shapes are refused.";
export const cut = false;

export async function row() {
  const t = tally();
  for (const place of ["node", "deno webgpu"]) await runTests(t, ["ops/golden", "ops/behaviour"], place);
  await runTests(t, ["test/kernels/"], "node");
  return t.result("tests, CPU and WebGPU");
}
