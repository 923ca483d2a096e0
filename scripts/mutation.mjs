// `npm run test:mutation`: changes the kernels, shaders and operations in small ways, one at a time, and looks whether a test fails.
// A change that no test notices shows what the tests do not say. Sites are drawn by a seed; each change is made in a copy.
import { Journal } from "./mutation/journal.mjs";
import { reasonFor } from "./mutation/equivalent.mjs";
import { Judge } from "./mutation/judge.mjs";
import { readOptions } from "./mutation/options.mjs";
import { lineOf, summaryOf, verdictOf, writeResults } from "./mutation/report.mjs";
import { drawOrder, findSites } from "./mutation/draw.mjs";
import { nameOf } from "./mutation/site.mjs";
import { Workplace } from "./mutation/workplace.mjs";

/** The share that must be caught. */
const LEAST = 0.95;

/** A survivor that is argued to be equivalent is no survivor; a caught one shows that the argument is wrong. */
function settled(site, result) {
  const reason = reasonFor(site);
  if (reason === undefined) return { ...result, site };
  if (result.status === "caught")
    console.log(`argued to be equivalent, but caught: take it out of equivalent.json: ${nameOf(site)}`);
  if (result.status !== "survived") return { ...result, site };
  return { ...result, site, status: "equivalent", by: reason, reason };
}

const isCounted = ({ status }) => status === "caught" || status === "survived";

/** Judges drawn sites, the parts in turn, and keeps what was found. */
class Run {
  results = [];
  #end;
  #isTouched;
  #journal;
  #judge;
  #place;

  constructor({ place, judge, journal, seconds, touched }) {
    this.#isTouched = touched;
    this.#end = performance.now() + 1000 * seconds;
    this.#journal = journal;
    this.#judge = judge;
    this.#place = place;
  }

  /** Judges until so many are counted or no site is left; false where the time was up before. */
  async through(lists, count) {
    const queues = lists.map((list) => list.values());
    for (let counted = 0; counted < count && queues.length > 0; ) {
      const queue = queues.shift();
      const result = await this.#next(queue);
      if (result === "late") return false;
      if (result === "empty") continue;
      queues.push(queue);
      counted++;
    }
    return true;
  }

  /** Judges the sites of a queue up to one that counts. */
  async #next(queue) {
    for (const site of queue) {
      const text = this.#place.read(site.file);
      const known = this.#journal.find(site, text);
      if (known === undefined && performance.now() > this.#end) return "late";
      // One that is argued to be equivalent is not looked at from all sides again.
      const isTouched = this.#isTouched || reasonFor(site) !== undefined;
      const found = known ?? (await this.#judge.judge(site, isTouched));
      if (known === undefined) this.#journal.add(site, text, found);
      const result = settled(site, found);
      if (known === undefined || result.status === "survived") console.log(lineOf(site, result));
      this.results.push(result);
      if (isCounted(result)) return "counted";
    }
    return "empty";
  }
}

async function judgeOne(sites, judge, name) {
  const site = sites.find((each) => nameOf(each) === name);
  if (site === undefined) {
    console.error(`no site is named ${name}`);
    return 2;
  }
  const result = settled(site, await judge.judge(site, false));
  console.log(lineOf(site, result));
  return result.status === "survived" ? 1 : 0;
}

function report(results, complete, options) {
  console.log(`\n${summaryOf(results)}\n`);
  if (!complete) console.log("not complete: run the same command again to go on");
  const { pass, line } = verdictOf(results, options.seed, LEAST);
  console.log(complete ? line : line.replace(/pass|FAIL/, "so far"));
  if (complete && options.write) writeResults(results, options.seed);
  return pass ? 0 : 1;
}

/** Works in a copy that is gone when this process is, however that ends. */
async function main() {
  const options = readOptions(process.argv.slice(2));
  const place = new Workplace();
  process.on("exit", () => place.remove());
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => place.close().then(() => process.exit(130)));
  try {
    return await check(options, place);
  } finally {
    await place.close();
  }
}

async function check(options, place) {
  const judge = new Judge(place);
  await judge.prepare();
  const sites = findSites(place.root, options.parts);
  if (options.site !== undefined) return judgeOne(sites, judge, options.site);
  console.log(`${sites.length} sites in ${new Set(sites.map(({ file }) => file)).size} files`);
  const lists = drawOrder(sites, options.seed).filter((list) => list.length > 0);
  const journal = new Journal(options.journal, options.again);
  const run = new Run({ ...options, place, judge, journal });
  const complete = await run.through(lists, options.count);
  return report(run.results, complete, options);
}

process.exit(await main());
