// R8: malformed files are refused by FormatError, or read as a slow second parser reads them.
import { createHash } from "node:crypto";
import { path } from "../../scripts/setup.mjs";
import { runProcess } from "./support/process.mjs";
import { bundleProgram, runProgram } from "./support/programs.mjs";
import { ensure, tally } from "./support/tally.mjs";

export const title =
  "Hand-made and mutated safetensors, IDX and gzip files are refused by `FormatError` or read as a slow second parser reads them; the verdicts are the same in Node, Deno and Chromium.";

const [MUTANTS, CUT_MUTANTS, SECONDS] = [20_000, 2_000, 240];
const MOST_RSS = 32;
const LEAST_IN_HEADS = 0.6;
const MARK = 8;
/** Memory is measured without garbage, and without the room that V8 takes for it. */
const FLAGS = ["--expose-gc", "--max-semi-space-size=1"];

/** `accepted/refused` of every kind and change. */
const show = (counts) =>
  Object.entries(counts)
    .map(([group, [accepted, refused]]) => `${group} ${accepted}/${refused}`)
    .join("; ");

async function read(place, mutants) {
  if (place === "chromium") return runProgram("malformed", place, { mutants, compare: false }, SECONDS);
  const program = path(await bundleProgram("malformedProcess"));
  return runProcess(place, FLAGS, [program, String(mutants), place === "node" ? "compare" : ""], SECONDS);
}

/** The files, by their number, whose verdicts are not those of the first place. */
function differences(marks, first) {
  const found = [];
  for (let at = 0; at < Math.max(marks.length, first.length); at += MARK)
    if (marks.slice(at, at + MARK) !== first.slice(at, at + MARK)) found.push(at / MARK);
  return found;
}

async function judge(t, place, report, first) {
  t.add(report.passed, report.tried);
  for (const failure of report.failures) t.add(0, 0, `${place}: ${failure}`);
  await t.try(`${place}, memory`, () => ensure(report.rss <= MOST_RSS, `grew by ${report.rss.toFixed(1)} MB`));
  await t.try(`${place}, places`, () => ensure(report.inHeads >= LEAST_IN_HEADS, `${report.inHeads} are in heads`));
  if (report === first) return;
  const found = differences(report.marks, first.marks);
  const files = found.map((i) => (i < first.sound ? i : `seed ${i - first.sound}`)).slice(0, 5);
  await t.try(`${place}, verdicts`, () => ensure(found.length === 0, `${found.length} differ: ${files.join(", ")}`));
}

export async function row({ cut }) {
  const t = tally();
  const mutants = cut ? CUT_MUTANTS : MUTANTS;
  const notes = [];
  let first;
  for (const place of cut ? ["node"] : ["node", "deno", "chromium"])
    await t.try(place, async () => {
      const report = await read(place, mutants);
      first ??= report;
      await judge(t, place, report, first);
      const memory = place === "chromium" ? "" : ` +${report.rss.toFixed(1)} MB,`;
      notes.push(`${place}${memory} slowest ${report.slowest.toFixed(1)} ms`);
    });
  if (first === undefined) return t.result("nothing was told");
  const hash = createHash("sha256").update(first.marks).digest("hex").slice(0, 12);
  const heads = `${Math.round(first.inHeads * 100)} % in heads, offsets and lengths`;
  return t.result(
    `seeds 0 to ${mutants - 1}, ${heads}; ${notes.join(", ")}; verdicts ${hash}; accepted/refused: ${show(first.counts)}`,
  );
}
