// R2: gradients. The tests hold it; `npm test` runs them anyway, so there is no short form.
import { tally } from "./support/tally.mjs";
import { runTests } from "./support/tests.mjs";

export const title = "Every operation's gradient passes a numeric check, on the CPU and on two WebGPU implementations.";
export const cut = false;

export async function row() {
  const t = tally();
  for (const place of ["node", "deno webgpu", "chromium webgpu"]) await runTests(t, ["ops/gradients"], place);
  return t.result("tests, CPU and WebGPU");
}
