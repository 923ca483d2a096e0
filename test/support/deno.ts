import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Ended } from "./process.ts";

const DENO = resolve("node_modules/.bin/deno");

/** Whatever would reach for the network finds a door that is shut. */
const NO_NETWORK = { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };

/** One look at a permission, as Deno's audit log tells. */
export interface Asked {
  readonly permission: string;
  readonly value: string;
}

const plain = (text: string): string => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g"), "");

function start(args: readonly string[], more: Readonly<Record<string, string>>, cwd: string): ChildProcess {
  const env = { ...process.env, ...NO_NETWORK, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...more };
  // A group of its own: the program of the npm package is the child of a script.
  return spawn(DENO, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** Runs Deno to its end, within a minute; text comes without colours. */
export async function runDeno(
  args: readonly string[],
  { env = {}, cwd = "." }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<Ended> {
  const child = start(args, env, cwd);
  const timer = setTimeout(() => killGroup(child, "SIGKILL"), 60_000);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (part) => {
    stdout += part;
  });
  child.stderr?.setEncoding("utf8").on("data", (part) => {
    stderr += part;
  });
  const [code] = await once(child, "close");
  clearTimeout(timer);
  return { code, stdout: plain(stdout), stderr: plain(stderr) };
}

/** Runs Deno and tells which permissions were looked at, granted or not. */
export async function auditDeno(args: readonly string[], cwd?: string): Promise<Ended & { asked: Asked[] }> {
  const folder = mkdtempSync(join(tmpdir(), "torchlet-audit-"));
  const log = join(folder, "audit.jsonl");
  try {
    const ended = await runDeno(args, { env: { DENO_AUDIT_PERMISSIONS: log }, ...(cwd !== undefined && { cwd }) });
    const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").filter(Boolean) : [];
    return { ...ended, asked: lines.map((line) => JSON.parse(line) as Asked) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a server in Deno while `work` has its URL, the first line it prints; then sends SIGTERM and waits for its end. */
export async function withDenoServer(args: readonly string[], work: (url: string) => Promise<void>): Promise<void> {
  const child = start(args, {}, ".");
  const closed = once(child, "close");
  const timer = setTimeout(() => killGroup(child, "SIGKILL"), 60_000);
  let errors = "";
  let stayed = false;
  child.stderr?.setEncoding("utf8").on("data", (part) => {
    errors += part;
  });
  try {
    const first = child.stdout
      ? once(child.stdout.setEncoding("utf8"), "data")
      : Promise.reject(new Error("no output"));
    const [text] = await Promise.race([
      first,
      closed.then(() => {
        throw new Error(`the server ended: ${plain(errors)}`);
      }),
    ]);
    await work(String(text).trim());
  } finally {
    clearTimeout(timer);
    killGroup(child, "SIGTERM");
    const late = setTimeout(() => {
      stayed = true;
      killGroup(child, "SIGKILL");
    }, 10_000);
    await closed; // of the pipes too, which the program shares with the script that started it
    clearTimeout(late);
  }
  if (stayed) throw new Error("the server did not end within 10 s of SIGTERM");
}
