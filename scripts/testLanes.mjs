// Does several things side by side, and starts commands that end with this process.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { path } from "./setup.mjs";

/** Two: most of what the tests do keeps one core busy, and more at a time would need the memory of as many browsers. */
const LANES = Math.min(2, availableParallelism());

/** Does all of `tasks`, functions, in this order: each lane takes the next one as soon as it has done its last. */
export async function inLanes(tasks) {
  const left = tasks.values();
  const lane = async () => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const running = new Set();
process.on("exit", () => running.forEach(killGroup));

/** Kills a child and what it has started: each is the leader of its own process group. */
function killGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // the group has ended by itself
  }
}

/** Runs a command in the repository root: `{ output, reason }`, `reason` null unless it failed or took too long. */
export function runChild(command, args, seconds, more = {}) {
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more };
  delete env.FORCE_COLOR;
  const child = spawn(command, args, { cwd: path("."), env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  return new Promise((resolve) => {
    let output = "";
    let reason = null;
    const collect = (text) => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const timer = setTimeout(() => {
      reason = `over its limit of ${seconds} s: killed`;
      killGroup(child);
    }, seconds * 1000);
    child.on("error", (error) => {
      reason = error.message;
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ output, reason: reason ?? (code === 0 ? null : `ended with ${signal ?? `exit code ${code}`}`) });
    });
  });
}
