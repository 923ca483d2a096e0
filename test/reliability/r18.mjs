// R18: shaders. The tests hold it; `npm test` runs them anyway, so there is no short form.
import { tally } from "./support/tally.mjs";
import { runTests } from "./support/tests.mjs";

export const title =
  "Every shader compiles on Tint and on naga without an error or a warning, binds what its kernel's signature says, and computes what the CPU does within WebGPU's default limits.";
export const cut = false;
export const seconds = 900;

export async function row() {
  const t = tally();
  await runTests(t, ["node/compile", "node/shaders", "node/twins"], "node-only");
  for (const place of ["deno webgpu", "chromium webgpu"]) await runTests(t, ["webgpu/twins", "webgpu/selfTest"], place);
  return t.result("tests");
}
