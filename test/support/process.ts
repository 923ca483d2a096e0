import { spawn } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that has not ended by then hangs: it is ended, so that the test that started it fails and not the whole lane. */
const MILLISECONDS_TO_END = 300_000;

/** Runs a program to its end, its code null if it hangs; `onOutput` sees its output so far and may send it a signal. */
export function runProcess(
  command: string,
  args: readonly string[],
  onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), MILLISECONDS_TO_END).unref();
  child.on("close", () => clearTimeout(timer));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => {
    stdout += part;
    onOutput?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.on("data", (part) => {
    stderr += part;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
