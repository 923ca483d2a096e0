// R16: pages with a strict policy.
import { runFixtures } from "../../scripts/consumers/run.mjs";
import { tally } from "./support/tally.mjs";

export const title =
  "Under a strict Content-Security-Policy with Trusted Types, isolated or not, pages train to the same weights without a violation, threaded and not.";
export const seconds = 400;
/** `npm test` tries the same fixtures by test/node/consumers.test.ts. */
export const cut = false;

export async function row() {
  const t = tally();
  const notes = [];
  await runFixtures(["csp", "isolation"], {
    quick: true,
    onResult({ name, note, error }) {
      if (name === "csp" || name === "isolation") notes.push(note);
      t.add(error ? 0 : 1, 1, error && `${name}: ${error.message}`);
    },
  });
  return t.result(`pages; ${notes.filter(Boolean).join("; ")}`);
}
