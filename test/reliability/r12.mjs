// R12: no room.
import { runProgram } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";
import { runTests } from "./support/tests.mjs";

export const title =
  "Where memory ends the error is an OutOfMemoryError that tells the bytes asked for and those there are (or that a graph outgrew its budget), the model is as before, and training goes on to the same weights.";

const PLACES = [
  ["node", "cpu"],
  ["deno webgpu", "webgpu"],
  ["chromium", "cpu"],
  ["chromium webgpu", "webgpu"],
];

export async function row({ cut }) {
  const t = tally();
  for (const [place, device] of cut ? PLACES.slice(0, 2) : PLACES) {
    const { weights, attempts } = await runProgram("outOfMemory", place, { device });
    for (const { what, told, isRight } of attempts) await t.try(`${place}, ${what}`, () => ensure(isRight, told));
    await t.try(`${place}, weights afterwards`, () => same(weights[1], weights[0]));
  }
  // The tests hold error scopes and limits of a device that has no room; `npm test` runs them anyway.
  if (!cut) for (const place of ["deno webgpu", "chromium webgpu"]) await runTests(t, ["webgpu/limits"], place);
  return t.result("attempts and tests");
}
