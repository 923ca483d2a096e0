import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

interface Running {
  readonly pid: number;
  readonly command: string;
}

function linuxProcess(pid: string): Running[] {
  try {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    if (state === "Z") return []; // it has ended, and nobody has asked how
    return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }];
  } catch {
    return []; // ended meanwhile
  }
}

function processes(): Running[] {
  if (existsSync("/proc/self/stat"))
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap(linuxProcess);
  const { stdout } = spawnSync("ps", ["-axo", "pid=,command="], { encoding: "utf8" });
  return stdout.split("\n").map((line) => ({ pid: Number.parseInt(line, 10), command: line.replace(/^\s*\d+\s/, "") }));
}

const runningIn = (folder: string): Running[] => processes().filter(({ command }) => command.includes(folder));

/** Milliseconds that a killed browser's own processes have to notice it. */
const GRACE = 2000;
const LOOK_EVERY = 50;

/** Command lines of the processes that name a folder, as a browser names its profile, and do not end by themselves. */
export function leftovers(folder: string): string[] {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < GRACE && runningIn(folder).length > 0; waited += LOOK_EVERY)
    Atomics.wait(never, 0, 0, LOOK_EVERY);
  return runningIn(folder).map(({ command }) => command.slice(0, 200));
}

/** Kills the processes whose command lines name a folder and hold a flag, or sends them a signal; true if there were any. */
export function killThose(folder: string, flag: string, signal: NodeJS.Signals = "SIGKILL"): boolean {
  const found = runningIn(folder).filter(({ command }) => command.includes(flag));
  for (const { pid } of found) process.kill(pid, signal);
  return found.length > 0;
}
