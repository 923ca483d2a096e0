import { builtin, codeOf, type FileSystem, isGranted } from "./fileSystem.ts";

interface Process {
  readonly pid: number;
  uptime(): number;
  kill(pid: number, signal: 0): unknown;
}

interface Machine {
  hostname(): string;
}

/** Milliseconds after which a file of a writer that cannot be asked about counts as left behind. */
const LONG = 3_600_000;

/** Temporary files that this module is writing right now. */
const open = new Set<string>();

/** This machine (or container) in a file's name; empty where Deno keeps it secret. */
function machine(): string {
  const name = isGranted({ name: "sys", kind: "hostname" }) ? builtin<Machine>("node:os")?.hostname() : undefined;
  return (name ?? "").replaceAll(/[^A-Za-z0-9]/g, "").slice(-16);
}

const self = (): Process => (globalThis as unknown as { process: Process }).process;

/** A fresh name beside `path` that says who writes it, until `done`. */
export function temporaryName(path: string): string {
  const name = `${path}.${machine()}-${self().pid}-${Math.random().toString(36).slice(2, 12)}.tmp`;
  open.add(name);
  return name;
}

/** The temporary file is written, or given up. */
export const done = (temporary: string): boolean => open.delete(temporary);

/** True, false, or undefined where it cannot be asked. */
function isRunning(pid: number): boolean | undefined {
  if (!isGranted({ name: "run" })) return undefined;
  try {
    self().kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) !== "ESRCH";
  }
}

/** Whether the writer that a temporary file's name tells of is gone. */
function isLeft(host: string, pid: number, written: number): boolean {
  const now = Date.now();
  // Other threads of this process have its number too, and so had the one before the machine's, or the container's, last start.
  if (pid === self().pid && host === machine()) return written < now - self().uptime() * 1000 - 1000;
  const runs = host === "" || host !== machine() ? undefined : isRunning(pid);
  return runs === undefined ? now - written > LONG : !runs;
}

/**
 * Removes the temporary files beside `path` whose writers have died. Those of writers that live stay; one on another machine, or
 * one that may not be asked about, counts as dead an hour after it has written last, and writes anew if it was not. What
 * cannot be seen or removed stays too: this is for tidiness alone.
 */
export async function sweep(files: FileSystem, folder: string, path: string): Promise<void> {
  const base = path.slice(path.search(/[^/\\]*$/));
  const names = await files.readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`${base}.`)) continue;
    const [, host, pid] = /^([A-Za-z0-9]*)-(\d+)-[a-z0-9]+\.tmp$/.exec(name.slice(base.length + 1)) ?? [];
    const place = `${path.slice(0, path.length - base.length)}${name}`;
    if (host === undefined || open.has(place)) continue;
    const facts = await files.stat(place).catch(() => undefined);
    if (facts && isLeft(host, Number(pid), facts.mtimeMs)) await files.unlink(place).catch(() => undefined);
  }
}
