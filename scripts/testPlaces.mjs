// Runs a bundle of tests in one place and reads uvu's report of it.
import { tmpdir } from "node:os";
import { findBun } from "./bun.mjs";
import { runInChromium, SWIFTSHADER_FLAGS, swiftShaderDriver } from "./chromium.mjs";
import { runInFirefox } from "./firefox.mjs";
import { path } from "./setup.mjs";
import { runChild } from "./testLanes.mjs";
import { mesaDriver } from "./testSystem.mjs";

const KEPT_LINES = 15;
const FAILURES = "\nFailures:\n";

const runInNode = (bundle, seconds) => runChild(process.execPath, ["--enable-source-maps", path(bundle)], seconds);

/** Read the repository and the environment (uvu's colours ask for it), write beside the bundles; `--no-prompt`: else an error. */
const DENO_OPTIONS = [
  "--allow-read=.",
  "--allow-write=build/test",
  "--allow-env",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
];

const runInDeno = (bundle, seconds) =>
  runChild(path("node_modules/.bin/deno"), ["run", ...DENO_OPTIONS, path(bundle)], seconds);

/** Nothing but the bundle is read on the way: no settings, no `.env`, no package from the registry. */
const BUN_OPTIONS = ["--no-install", "--no-env-file", "--no-orphans", "--config=/dev/null"];

const runInBun = async (bundle, seconds) =>
  runChild(findBun(), [...BUN_OPTIONS, path(bundle)], seconds, { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" });

/** Deno's WebGPU (wgpu, naga) on Mesa's software driver; it asks for a runtime folder that it does not need. */
const runInDenoOnMesa = (bundle, seconds) =>
  runChild(path("node_modules/.bin/deno"), ["run", ...DENO_OPTIONS, path(bundle)], seconds, {
    VK_ICD_FILENAMES: mesaDriver() ?? "",
    XDG_RUNTIME_DIR: tmpdir(),
  });

/** Node's WebGPU by the package `webgpu` (Dawn, Tint) on Chromium's SwiftShader. */
const runInNodeOnSwiftShader = (bundle, seconds) => {
  const driver = swiftShaderDriver();
  const env = driver ? { VK_ICD_FILENAMES: driver } : {};
  return runChild(process.execPath, ["--enable-source-maps", path(bundle)], seconds, env);
};

/** Chromium's WebGPU (Dawn, Tint) on SwiftShader. */
const runInChromiumOnSwiftShader = (bundle, seconds) => runInChromium(bundle, seconds, SWIFTSHADER_FLAGS);

/** The short forms of the rows of the reliability suite; it says which of them a filter chooses. */
const runReliability = (rows, seconds) =>
  runChild(process.execPath, [path("scripts/reliability.mjs"), "--cut", ...rows], seconds);

/**
 * Where each suite runs and its limit in seconds: several times what it takes beside another, so that only a hang or a disaster
 * hits it. Those that take longest come first, so that the two lanes end together. `alone` says why nothing runs beside it.
 */
export const PLACES = {
  "node-only": { runBundle: runInNode, seconds: 1200 },
  "deno webgpu": { runBundle: runInDenoOnMesa, seconds: 900 },
  "chromium webgpu": { runBundle: runInChromiumOnSwiftShader, seconds: 900 },
  firefox: { runBundle: runInFirefox, seconds: 600 },
  chromium: { runBundle: runInChromium, seconds: 600 },
  node: { runBundle: runInNode, seconds: 400 },
  bun: { runBundle: runInBun, seconds: 400 },
  deno: { runBundle: runInDeno, seconds: 400 },
  "node webgpu": { runBundle: runInNodeOnSwiftShader, seconds: 300 },
  // Its threads wait for each other with both cores: beside another place they would mostly wait.
  "node threads": { runBundle: runInNode, seconds: 400, alone: true },
  // Its rows measure time and memory, and end processes at moments that they have timed.
  reliability: { runBundle: runReliability, seconds: 480, judge: judgeRows, alone: true },
};

/** Text without the colours that uvu sets in a page. */
const plain = (text) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");

/** The number of a line of uvu's report; the last one, as a test may print such a line too. */
function count(text, label) {
  const found = [...text.matchAll(new RegExp(`^ *${label}: +(\\d+) *$`, "gm"))].at(-1);
  return found ? Number(found[1]) : null;
}

/**
 * Judges a run: `{ total, passed, failed, details }`. Skipped tests, files that do not load and a run without totals
 * or without a test count as failures; so does an exit code that the report does not explain.
 */
export function judge({ output, reason }) {
  const text = plain(output);
  const [total, passed] = [count(text, "Total"), count(text, "Passed")];
  const [skipped, broken] = [count(text, "Skipped") ?? 0, count(text, "Broken")];
  const tail = text.trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
  if (total === null || passed === null || broken === null) {
    return { total: total ?? 0, passed: 0, failed: 1, details: `${reason ?? "printed no totals"}\n${tail}` };
  }
  const failed = total - passed + broken + skipped;
  const details = text.includes(FAILURES) ? [text.slice(text.lastIndexOf(FAILURES) + FAILURES.length).trimEnd()] : [];
  if (skipped > 0) details.push(`${skipped} skipped: no test may be skipped, nor chosen with .only`);
  if (failed === 0 && reason) details.push(`${reason}\n${tail}`);
  if (failed === 0 && !reason && total === 0) details.push("no test ran");
  return { total, passed, failed: failed || details.length, details: details.join("\n") };
}

/** The same of the reliability suite's output: rows are counted, and those that failed told with their reasons. */
function judgeRows({ output, reason }) {
  const [, passed, failed] = /^(\d+) rows passed, (\d+) failed$/m.exec(output) ?? [];
  const lines = output.trimEnd().split("\n");
  if (passed === undefined)
    return { total: 0, passed: 0, failed: 1, details: [reason ?? "no totals", ...lines.slice(-KEPT_LINES)].join("\n") };
  const details = lines.filter((line) => / FAIL |^ {2}/.test(line)).join("\n");
  return { total: Number(passed) + Number(failed), passed: Number(passed), failed: Number(failed), details };
}

/** Runs a bundle in a place: what `judge` says of it, and the seconds it took. */
export async function runIn(place, bundle) {
  const start = performance.now();
  const { runBundle, seconds, judge: judged = judge } = PLACES[place];
  const result = await runBundle(bundle, seconds).catch((error) => ({ output: "", reason: error.message }));
  return { ...judged(result), seconds: (performance.now() - start) / 1000 };
}
