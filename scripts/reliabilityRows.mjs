// The rows of the reliability suite: each is one script of test/reliability, which runs in a process of its own.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { path } from "./setup.mjs";

const FOLDER = "test/reliability";
const CHILD = "test/reliability/support/child.mjs";
/** Seconds that a row may take unless it exports another limit as `seconds`; the short form has one for all. */
const LIMIT = 600;
const CUT_LIMIT = 100;
const KEPT_LINES = 15;
/** Milliseconds that a row which is over its limit has to end its children. */
const GRACE = 3000;

const running = new Set();
process.on("exit", () => running.forEach(killGroup));

/** Kills a row and what it has started: it is the leader of its own process group. */
function killGroup(child) {
  if (!running.has(child)) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // the group has ended by itself
  }
}

/** The rows in numeric order: `{ name, file }`, such as `{ name: "R7store", file: "test/reliability/r7store.mjs" }`. */
export function findRows() {
  if (!existsSync(path(FOLDER))) return [];
  const rows = readdirSync(path(FOLDER)).flatMap((file) => {
    const [, number, rest] = /^r(\d+)(\w*)\.mjs$/.exec(file) ?? [];
    return number === undefined
      ? []
      : [{ number: Number(number), name: `R${number}${rest}`, file: `${FOLDER}/${file}` }];
  });
  rows.sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  return rows.map(({ name, file }) => ({ name, file }));
}

/** A row's module. It exports `title`, `row`, and where it differs `seconds`, its limit, and `cut`, false for no short form. */
export const loadRow = ({ file }) => import(new URL(`../${file}`, import.meta.url).href);

/** Whether what a row gave is a result, all of which passed. */
function verdictOf({ passed, tried, failures }) {
  const isResult = Number.isInteger(passed) && Number.isInteger(tried) && Array.isArray(failures);
  if (!isResult) return ["the row gave no { passed, tried, note, failures }"];
  if (tried === 0) return ["nothing was tried"];
  if (failures.length === 0 && passed !== tried) return [`${tried - passed} of ${tried} did not pass`];
  return failures;
}

/** Runs one row in a process of its own: `{ name, title, passed, tried, note, failures, seconds }`; a hang is a failure. */
export async function runRow(row, cut) {
  const { title, seconds: limit = LIMIT } = await loadRow(row);
  const start = performance.now();
  const { result, reason, output } = await runChild(row.file, cut, cut ? CUT_LIMIT : limit);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const { passed = 0, tried = 0, note = "" } = result ?? {};
  const tail = output.trimEnd().split("\n").slice(-KEPT_LINES).filter(Boolean);
  const failures = result ? verdictOf(result) : [reason ?? "it ended without a result", ...tail];
  return { name: row.name, title, passed, tried, note, failures, seconds };
}

function runChild(file, cut, seconds) {
  const args = ["--expose-gc", path(CHILD), file, ...(cut ? ["--cut"] : [])];
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  delete env.FORCE_COLOR;
  const stdio = ["ignore", "pipe", "pipe", "ipc"];
  const child = spawn(process.execPath, args, { cwd: path("."), env, detached: true, stdio });
  running.add(child);
  return new Promise((resolve) => {
    let [output, result, reason] = ["", undefined, null];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    const timer = setTimeout(() => {
      reason = `over its limit of ${seconds} s: killed`;
      child.kill("SIGTERM"); // it ends what it has started in groups of their own
      setTimeout(killGroup, GRACE, child);
    }, seconds * 1000);
    child.on("message", (message) => {
      result = message;
    });
    child.on("error", (error) => {
      reason = error.message;
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      if (code !== 0) reason ??= `ended with ${signal ?? `exit code ${code}`}`;
      resolve({ output, reason, result: reason === null ? result : undefined });
    });
  });
}

/** The line that tells of a row, with its failures below it. */
export function lineOf({ name, passed, tried, note, failures, seconds }) {
  const verdict = failures.length === 0 ? "pass" : "FAIL";
  const words = [name, verdict, `${passed}/${tried}`, note, `${seconds.toFixed(1)} s`].filter(Boolean);
  return [words.join(" "), ...failures.map((each) => `  ${each.replaceAll("\n", "\n  ")}`)].join("\n");
}
