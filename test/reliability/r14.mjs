// R14: a signal stops a run within a step, wherever it comes, and two runs at once do not meet.
import { runCollected } from "./support/programs.mjs";
import { ensure, same, tally } from "./support/tally.mjs";

export const title =
  "An AbortSignal at random points (between steps, within a forward, by a timer) stops within a step, leaves a state that goes on, and nothing in memory; two runs at once end as one after the other.";

const [POINTS, CUT_POINTS, SECONDS, STEPS] = [100, 12, 240, 36];
/** Points of each kind, after which nothing more is held. */
const WARM = 6;

/** Points from a seed (a linear congruential generator: numbers of Numerical Recipes). */
function drawPoints(n) {
  let state = 14;
  const draw = (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  return Array.from({ length: n }, (_, i) => {
    const by = ["step", "loss", "time"][i % 3];
    return { by, at: by === "time" ? draw(60) : 1 + draw(by === "step" ? STEPS - 1 : 100) };
  });
}

export async function row({ cut }) {
  const t = tally();
  const points = drawPoints(cut ? CUT_POINTS : POINTS);
  const places = cut
    ? [["node", "cpu"]]
    : [
        ["node", "cpu"],
        ["chromium", "cpu"],
      ];
  for (const [place, device] of places) {
    const told = await runCollected("aborted", place, { device, points }, SECONDS).catch((error) => ({ error }));
    for (const [i, { by, at }] of points.entries())
      await t.try(`${place}, by ${by} at ${at}`, () => {
        if (told.error) throw told.error;
        const { status, after, isUsable } = told.stopped[i];
        ensure(status === "aborted" || (by !== "step" && status === "completed"), `the run was ${status}`);
        ensure(after <= 1, `${after} steps came after the signal`);
        ensure(isUsable, "what is left cannot be used");
      });
    await t.try(`${place}, nothing piles up`, () => {
      const growth = Math.max(...told.held.slice(WARM)) - told.held[WARM - 1];
      ensure(growth <= 0, `${growth} arrays more are held`);
    });
    await t.try(`${place}, two at once`, () => same(told.together, told.apart, "the ends are"));
  }
  return t.result(`${points.length} points in ${places.map(([place]) => place).join(", ")}`);
}
