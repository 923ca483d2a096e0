// What is printed of a change and of all, and what is kept in docs/measured/mutation.json.
import { writeFileSync } from "node:fs";
import { path } from "../setup.mjs";
import { OPERATORS } from "./change.mjs";
import { nameOf, PARTS } from "./site.mjs";

const FILE = "docs/measured/mutation.json";
const WIDTH = 60;

const short = (text) => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text);
const WORDS = {
  caught: "caught",
  survived: "SURVIVED",
  refused: "not compiled",
  same: "same code",
  equivalent: "equivalent",
};

/** One line of the output: `caught src/ops/sum.ts:12 a - b -> b - a | test that caught it`. */
export function lineOf(site, { status, by = "", seconds }) {
  const change = `${short(site.before)} -> ${short(site.after) || "(nothing)"}`;
  const took = seconds === undefined ? "" : ` (${seconds.toFixed(1)} s)`;
  const again = status === "survived" ? ` | --site '${nameOf(site)}'` : by && ` | ${by}`;
  return `${WORDS[status].padEnd(12)} ${site.file}:${site.line} ${change}${again}${took}`;
}

const isCounted = ({ status }) => status === "caught" || status === "survived";
const tally = (results) => ({
  counted: results.filter(isCounted).length,
  caught: results.filter(({ status }) => status === "caught").length,
  survived: results.filter(({ status }) => status === "survived").length,
  equivalent: results.filter(({ status }) => status === "equivalent").length,
});
const share = ({ caught, counted }) => (counted === 0 ? 0 : Math.round((1000 * caught) / counted) / 10);

function tallies(results) {
  const by = (names, has) =>
    Object.fromEntries(names.map((name) => [name, tally(results.filter(({ site }) => has(site, name)))]));
  const folders = Object.fromEntries(Object.entries(PARTS).map(([part, { folder }]) => [folder, part]));
  return {
    all: tally(results),
    operators: by(Object.keys(OPERATORS), (site, name) => site.operator === name),
    folders: by(Object.keys(folders), (site, name) => site.part === folders[name]),
  };
}

const row = (name, counts) =>
  `${name.padEnd(22)}${String(counts.counted).padStart(8)}${String(counts.caught).padStart(8)}${String(counts.survived).padStart(10)}${String(counts.equivalent).padStart(12)}${`${share(counts).toFixed(1)} %`.padStart(10)}`;

/** The table by operator and folder. */
export function summaryOf(results) {
  const { all, operators, folders } = tallies(results);
  const heads = `${"".padEnd(22)} counted  caught  survived  equivalent    caught`;
  return [
    heads,
    ...Object.entries(operators).map(([name, counts]) => row(OPERATORS[name], counts)),
    ...Object.entries(folders).map(([name, counts]) => row(name, counts)),
    row("all", all),
  ].join("\n");
}

/** `R19 pass 201/210 caught …`, and whether that is enough. */
export function verdictOf(results, seed, least) {
  const { all } = tallies(results);
  const stopped = results.filter((result) => result.stopped).length;
  const pass = all.caught >= least * all.counted && all.counted > 0;
  const rest = `${all.equivalent} equivalent, ${stopped} of the caught by the limit of time`;
  return {
    pass,
    line: `R19 ${pass ? "pass" : "FAIL"} ${all.caught}/${all.counted} caught (${share(all).toFixed(1)} %), seed ${seed}, ${rest}`,
  };
}

const kept = ({ site, reason }) => ({
  file: site.file,
  code: site.code,
  operator: site.operator,
  before: site.before,
  after: site.after,
  ...(reason === undefined ? {} : { reason }),
});

/** Writes what a whole run has found. */
export function writeResults(results, seed) {
  const { all, operators, folders } = tallies(results);
  const of = (status) => results.filter((result) => result.status === status).map(kept);
  const contents = {
    seed,
    ...all,
    percent: share(all),
    notCompiled: results.filter(({ status }) => status === "refused").length,
    sameCode: results.filter(({ status }) => status === "same").length,
    stoppedByTime: results.filter(({ stopped }) => stopped).length,
    operators,
    folders,
    survivors: of("survived"),
    equivalents: of("equivalent"),
  };
  writeFileSync(path(FILE), `${JSON.stringify(contents, null, 2)}\n`);
}
