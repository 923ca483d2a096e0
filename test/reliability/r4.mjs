// R4: the same bits in every engine, for any number of threads.
import { runProgram } from "./support/programs.mjs";
import { sameHash, tally } from "./support/tally.mjs";

export const title =
  "On the CPU the weights of the reference job after 500 steps are the same bits in Node, Deno, Bun, Chromium and Firefox, on 1, 2 and 3 threads.";

export const seconds = 1500;
const [STEPS, THREADS, SECONDS] = [500, [1, 2, 3], 300];
/** The tests compare all engines after 100 steps: the short form adds threads. */
const CUT = { steps: 60, places: ["node", "deno"], threads: [1, 3] };

export async function row({ cut }) {
  const t = tally();
  const { steps, places, threads } = cut
    ? CUT
    : { steps: STEPS, places: ["node", "deno", "bun", "chromium", "firefox"], threads: THREADS };
  let first;
  for (const place of places) {
    const hashes = await runProgram("weights", place, { steps, threads }, SECONDS).catch((error) => [error.message]);
    first ??= hashes[0];
    for (const [i, each] of threads.entries())
      await t.try(`${place}, ${each} threads`, () => sameHash(hashes[i], first, "the weights' SHA-256 is"));
  }
  return t.result(`runs of ${steps} steps, SHA-256 ${String(first).slice(0, 12)}`);
}
