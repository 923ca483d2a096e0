// Runs a bundled program in a process of Node or Deno with flags for its engine.
import { spawn } from "node:child_process";
import { path } from "../../../scripts/setup.mjs";

const DENO = ["--allow-read", "--allow-write", "--allow-env", "--no-prompt", "--no-config", "--no-lock"];
const KEPT = 300;

const COMMANDS = {
  node: (flags, args) => [process.execPath, [...flags, ...args]],
  deno: (flags, args) => [path("node_modules/.bin/deno"), ["run", `--v8-flags=${flags.join(",")}`, ...DENO, ...args]],
};

function killGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/**
 * Runs a program that prints its result, JSON between `<<` and `>>`.
 *
 * @param place "node" or "deno"
 * @param flags of V8
 * @param args the program's path and what it is told
 * @throws Error with the end of its output where it told nothing
 */
export function runProcess(place, flags, args, seconds) {
  const [command, all] = COMMANDS[place](flags, args);
  const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const child = spawn(command, all, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => killGroup(child);
  const timer = setTimeout(kill, seconds * 1000);
  process.once("exit", kill);
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      process.off("exit", kill);
      const told = /<<(\{.*\})>>/.exec(output)?.[1];
      if (told !== undefined) return resolve(JSON.parse(told));
      const end = output.trim().split("\n").slice(-3).join(" | ").slice(0, KEPT);
      return reject(new Error(`ended with ${signal ?? `exit code ${code}`}: ${end}`));
    });
  });
}
