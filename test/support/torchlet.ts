import { stripVTControlCharacters } from "node:util";
import { type Ended, runProcess } from "./process.ts";

/** Runs the built command line with its streams as pipes, and no wish for colours. */
export const torchlet = (...args: string[]): Promise<Ended> =>
  runProcess("env", ["-u", "NO_COLOR", "-u", "FORCE_COLOR", process.execPath, "build/cli.js", ...args]);

/** Runs it with stdout and stderr taken for a terminal of that width, and variables as `NO_COLOR=1`. */
export function onTerminal(columns: number, variables: readonly string[], ...args: string[]): Promise<Ended> {
  const streams = ["stdout", "stderr"].map((name) => `process.${name}.isTTY=true;process.${name}.columns=${columns}`);
  const terminal = `data:text/javascript,${streams.join(";")}`;
  const before = ["-u", "NO_COLOR", "-u", "FORCE_COLOR", "TERM=xterm", ...variables, process.execPath];
  return runProcess("env", [...before, "--import", terminal, "build/cli.js", ...args]);
}

/** The one JSON object of an output, which must be all of it. */
export const jsonOf = <Value>({ stdout }: Ended): Value => {
  if (!/^\{.*\}\n$/.test(stdout)) throw new TypeError(`expected one line of JSON, got ${stdout}`);
  return JSON.parse(stdout) as Value;
};

/** True where a text holds what only a terminal understands. */
export const hasControls = (text: string): boolean => /[^\P{Cc}\n]/u.test(text);

/** The columns of the widest line. */
export const widthOf = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split("\n")
      .map((line) => [...line].length),
  );
