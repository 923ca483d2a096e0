// R6: a run that goes on in another process ends in the same bits.
import { runProgram } from "./support/programs.mjs";
import { sameHash, tally } from "./support/tally.mjs";

export const title =
  "A run that was cut short and goes on in a new process ends in the bits of one that was not: weights, moments, generators, order and history, at random steps.";

const [POINTS, SECONDS, STEPS] = [20, 240, 36];

/** Where runs are cut short, from a seed (a linear congruential generator: numbers of Numerical Recipes). */
function drawCuts(n, seed) {
  let state = seed;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * STEPS); // the low bits would go round with the kinds
  });
}

/** Four kinds in turn: masks from the kernels and from the host, orders from the run's and from a loader's generator. */
const kindsOf = (n, device) => Array.from({ length: n }, (_, i) => ({ device, torch: i % 2 === 1, own: i % 4 >= 2 }));

export async function row({ cut }) {
  const t = tally();
  const places = cut
    ? [["node", "cpu", 8, 8]]
    : [
        ["node", "cpu", POINTS, 1],
        ["deno", "cpu", POINTS, 1],
        ["chromium", "cpu", POINTS, 5], // a browser for five at a time: a browser takes seconds to open
        ["deno webgpu", "webgpu", POINTS, 5],
        ["chromium webgpu", "webgpu", POINTS, 5],
      ];
  for (const [place, device, points, together] of places) {
    const [kinds, cuts] = [kindsOf(points, device), drawCuts(points, 6)];
    const tell = (error) => [error.message];
    const ends = await runProgram("resumed", place, { kinds: kinds.slice(0, 4) }, SECONDS).catch(tell);
    const checkpoints = await runProgram("resumed", place, { kinds, cuts }, SECONDS).catch(tell);
    for (let i = 0; i < points; i += together) {
      const part = { kinds: kinds.slice(i, i + together), checkpoints: checkpoints.slice(i, i + together) };
      const resumed = await runProgram("resumed", place, part, SECONDS).catch(tell);
      for (const j of part.kinds.keys())
        await t.try(`${place}, cut after step ${cuts[i + j]}`, () =>
          sameHash(resumed[j], ends[(i + j) % 4], "the end is"),
        );
    }
  }
  return t.result(`cut short within ${STEPS} steps in ${places.map(([place]) => place).join(", ")}`);
}
