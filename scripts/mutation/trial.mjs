// Runs a bundle until its first failure: what became of it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { path } from "../setup.mjs";
import { mesaDriver } from "../testSystem.mjs";

const SPEAKS = "MUTATION ";
/** A machine that has other work lets a process wait: then its own seconds count, up to this many times as many. */
const PATIENCE = 6;
const TICKS_A_SECOND = 100;
/** Seconds between two looks at a child. */
const TICK = 0.2;

const DENO = [
  "run",
  "--allow-read=.",
  "--allow-env",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
];

function command({ place, narrow }, bundle, words, root) {
  const told = [bundle, narrow ? "narrow" : "all", ...words];
  if (place === "node") return { program: process.execPath, args: told, variables: {} };
  const variables = {
    VK_ICD_FILENAMES: mesaDriver() ?? "",
    XDG_RUNTIME_DIR: root,
    MESA_SHADER_CACHE_DIR: join(root, "build/shaderCache"),
    DENO_DIR: join(root, "build/deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
  return { program: path("node_modules/.bin/deno"), args: [...DENO, ...told], variables };
}

/** The seconds that a process has computed; undefined where the system does not tell. */
function computed(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return undefined;
  }
}

const running = new Set();
const end = (child) => {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
};
process.on("exit", () => running.forEach(end));

/** Stops a child that has had its seconds; says whether it did. */
function watch(child, seconds) {
  const state = { stopped: false };
  let passed = 0;
  state.timer = setInterval(() => {
    passed += TICK; // counted, not read from a clock: the whole machine, or this process, may have been stopped meanwhile
    const own = computed(child.pid) ?? passed;
    // Who waits for what never comes computes nothing: only a busy machine is a reason for patience.
    if (passed < seconds || (own < seconds / 2 && passed < PATIENCE * seconds)) return;
    state.stopped = true;
    end(child);
  }, 1000 * TICK);
  return state;
}

/** The bundle's last word, or what its end says instead. */
function verdict(output, code, signal, stopped, seconds) {
  if (stopped) return { failed: `(stopped after ${seconds} s)`, stopped };
  const line = output.split("\n").findLast((text) => text.startsWith(SPEAKS));
  if (line !== undefined) return JSON.parse(line.slice(SPEAKS.length));
  const reason = output.trimEnd().split("\n").slice(-3).join(" | ").slice(-300);
  return { failed: `(ended with ${signal ?? `exit code ${code}`})`, reason };
}

/**
 * Runs a bundle of the workplace: `{ passed }` (how many tests), `{ failed, file, reason }` or `{ invalid }`.
 *
 * @param words what the tests to run first have in their titles
 */
export function tryBundle({ root }, stage, bundle, words) {
  const { seconds } = stage;
  const { program, args, variables } = command(stage, join(root, bundle), words, root);
  const env = { ...process.env, ...variables, NO_COLOR: "1" };
  const child = spawn(program, args, { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const state = watch(child, seconds);
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(state.timer);
      running.delete(child);
      resolve(verdict(output, code, signal, state.stopped, seconds));
    });
  });
}
