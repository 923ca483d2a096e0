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

/** Command lines of the running processes that name a folder, as a browser names its profile. */
export function leftovers(folder: string): string[] {
  return processes()
    .filter(({ command }) => command.includes(folder))
    .map(({ command }) => command.slice(0, 200));
}

/** Kills the processes whose command lines name a folder and hold a flag, or sends them a signal; true if there were any. */
export function killThose(folder: string, flag: string, signal: NodeJS.Signals = "SIGKILL"): boolean {
  const found = processes().filter(({ command }) => command.includes(folder) && command.includes(flag));
  for (const { pid } of found) process.kill(pid, signal);
  return found.length > 0;
}
