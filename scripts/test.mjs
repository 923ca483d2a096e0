// `npm test`: types, style, the package, and every test in Node, Deno, Bun, headless Chromium and Firefox; needs nothing but Node and npm beforehand.
// `npm test -- random` runs only files whose path contains "random"; `--only node,deno` chooses among the places below.
import { parseArgs } from "node:util";
import { findRows } from "./reliabilityRows.mjs";
import { buildIfStale, installDependencies, path } from "./setup.mjs";
import { inLanes, runChild } from "./testLanes.mjs";
import { ensureSystemPackages } from "./testSystem.mjs";

/** Where the shared bundle runs. */
const SHARED = ["node", "deno", "bun", "chromium", "firefox"];
const CHOICES = ["check", ...SHARED, "threads", "webgpu", "reliability"];
/** What holds of the built package. Assets (a .wasm file, a script for workers) have no types: attw need not look for any. */
const PACKAGE_CHECKS = [
  ["package", "node", ["scripts/checkPackage.mjs"]],
  ["publint", "publint", ["--strict"]],
  [
    "are types right",
    "attw",
    ["--pack", ".", "--profile", "esm-only", "--exclude-entrypoints", "kernels.wasm", "thread.js", "--no-color"],
  ],
  ["public surface", "node", ["scripts/apiReport.mjs", "--check"]],
  ["reproducible", "node", ["scripts/reproducible.mjs", "--built"]],
];
const CHECKS = [
  ["documentation", "typedoc", ["--emit", "none"]],
  ["types", "tsc", ["--noEmit"]],
  ["style", "biome", ["check", "--colors=off", "."]],
  ["unused", "knip", ["--no-progress"]],
  ...PACKAGE_CHECKS,
];
/** Seconds that one of them may take. */
const CHECK_LIMIT = 600;
const LABEL_WIDTH = 17;
const RESULT_WIDTH = 26;

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const colour = (code, text) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
const [green, red, dim] = [32, 31, 2].map((code) => (text) => colour(code, text));

const totals = { passed: 0, failed: 0, reported: false };
const show = (label, result, paint, note) =>
  console.log(`${label.padEnd(LABEL_WIDTH)}${paint(result.padEnd(RESULT_WIDTH))}${dim(note)}`);
const inSeconds = (seconds) => `${seconds.toFixed(1)} s`;

function readOptions() {
  const usage = (reason) => {
    console.error(`npm test: ${reason}\nusage: npm test -- [--only ${CHOICES.join(",")}] [part of a file's path]`);
    process.exit(2);
  };
  try {
    const { values, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });
    const only = values.only?.split(",");
    const unknown = only?.find((choice) => !CHOICES.includes(choice));
    if (unknown !== undefined) usage(`--only takes ${CHOICES.join(", ")}, got "${unknown}"`);
    if (positionals.length > 1) usage(`one filter at most, got ${positionals.join(" ")}`);
    const [filter] = positionals;
    // A filter is for work on one part: the checks of the whole tree come back with the full run.
    return { filter, choices: only ?? CHOICES.filter((choice) => choice !== "check" || filter === undefined) };
  } catch (error) {
    return usage(error.message);
  }
}

/** Runs a checker over the whole tree; its output is shown where it fails. */
async function check(label, command, args) {
  const start = performance.now();
  const program = command === "node" ? process.execPath : path(`node_modules/.bin/${command}`);
  const { output, reason } = await runChild(program, args, CHECK_LIMIT);
  const took = inSeconds((performance.now() - start) / 1000);
  if (reason === null) return show(label, "ok", green, took);
  totals.failed++;
  show(label, "failed", red, took);
  console.log(`${output.trimEnd() || reason}\n`);
}

/** Runs a bundle in a place and prints one line, with the failures below it; returns the number of tests. */
async function runPlace(place, bundle, { PLACES, runIn }) {
  const { total, passed, failed, details, seconds } = await runIn(place, bundle);
  totals.passed += passed;
  totals.failed += failed;
  const result = `${String(passed).padStart(5)} passed${failed ? `, ${failed} failed` : ""}`;
  show(place, result, failed ? red : green, `${inSeconds(seconds)} of ${PLACES[place].seconds} s`);
  if (details) console.log(`\n${details}\n`);
  return total;
}

/** Bundles what the places run: `[place, the choice that it belongs to, its bundle]` of those that have a file. */
async function bundleAll(files) {
  const { bundleTests, bundleWorkers } = await import("./testBundle.mjs"); // after the install: it imports packages
  const bundle = async (name, options) => files[name].length > 0 && (await bundleTests(name, files[name], options));
  const shared = await bundle("shared");
  if (shared) await bundleWorkers();
  const webgpu = await bundle("webgpu", { device: "webgpu" });
  const bundles = [
    ...SHARED.map((place) => [place, place, shared]),
    ["node-only", "node", await bundle("nodeOnly", { platform: "node" })],
    ["node threads", "threads", await bundle("threads", { threads: 2 })],
    ["node webgpu", "webgpu", await bundle("dawn", { device: "webgpu" })],
    ["deno webgpu", "webgpu", webgpu],
    ["chromium webgpu", "webgpu", webgpu],
  ];
  return bundles.filter(([, , file]) => file);
}

/** Runs the shared tests everywhere, and Node's own in Node; equal counts are part of the result. */
async function runTests({ filter, choices }) {
  const files = (await import("./testBundle.mjs")).findTests(filter);
  const summary = `${files.shared.length} + ${files.nodeOnly.length} Node-only files`; // WebGPU runs some of the shared again
  const start = performance.now();
  const bundles = await bundleAll(files).catch(() => undefined); // esbuild has printed why
  const took = inSeconds((performance.now() - start) / 1000);
  show("bundle", bundles ? summary : "failed", bundles ? green : red, bundles ? took : summary);
  if (bundles === undefined) {
    totals.failed++;
    return new Map();
  }
  const chosen = bundles.filter(([, choice]) => choices.includes(choice));
  const rows = findRows().filter(({ file }) => file.includes(filter ?? ""));
  if (choices.includes("reliability") && rows.length > 0)
    chosen.push(["reliability", "reliability", filter ? rows.map(({ name }) => name) : []]);
  if (chosen.length === 0) {
    totals.failed++;
    console.error(`no test file matches "${filter ?? ""}" in ${choices.join(", ")}`);
  }
  return runPlaces(new Map(chosen.map(([place, , bundle]) => [place, bundle])));
}

/** Runs bundles by their places in two lanes, then those of places that want no other beside them; returns the counts of tests. */
async function runPlaces(bundles) {
  const places = await import("./testPlaces.mjs");
  const counts = new Map(Array.from(bundles.keys(), (place) => [place, 0])); // in this order, whichever ends first
  const run = async (place) => counts.set(place, await runPlace(place, bundles.get(place), places));
  const chosen = Object.keys(places.PLACES).filter((place) => bundles.has(place));
  const isAlone = (place) => places.PLACES[place].alone === true;
  await inLanes(chosen.filter((place) => !isAlone(place)).map((place) => () => run(place)));
  for (const place of chosen.filter(isAlone)) await run(place);
  return counts;
}

function reportCounts(counts) {
  const places = [...counts.keys()];
  const groups = [
    places.filter((place) => SHARED.includes(place)),
    places.filter((place) => place.includes("webgpu") && place !== "node webgpu"),
    ...["node webgpu", "node threads", "node-only", "reliability"].map((name) =>
      places.filter((place) => place === name),
    ),
  ].filter((group) => group.length > 0);
  console.log("");
  for (const group of groups) {
    console.log(group.map((place) => `${place} ${counts.get(place)}`).join(", "));
    if (new Set(group.map((place) => counts.get(place))).size === 1) continue;
    totals.failed++;
    console.log(red("the same bundle ran a different number of tests"));
  }
}

/** The last line, also where an install, a build or a bundle has ended the command. */
function reportTotals(code) {
  if (code === 2 || totals.reported) return;
  totals.reported = true;
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
  const line = `${totals.passed} passed, ${totals.failed} failed`;
  console.log(totals.failed ? red(line) : green(line));
}

const options = readOptions();
process.on("exit", reportTotals);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
installDependencies();
ensureSystemPackages(options.choices);
buildIfStale();
if (options.choices.includes("check")) await inLanes(CHECKS.map((each) => () => check(...each)));
if (options.choices.some((choice) => choice !== "check")) reportCounts(await runTests(options));
process.exit(totals.failed > 0 ? 1 : 0);
