#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { FormatError, TorchletError } from "../core/errors.ts";
import { doctorCommand } from "./doctorCommand.ts";
import { evalCommand } from "./evalCommand.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { type Command, parseCommand } from "./options.ts";
import { screenOf, wrap } from "./screen.ts";
import { summaryCommand } from "./summaryCommand.ts";
import { trainCommand } from "./trainCommand.ts";
import { UsageError } from "./usageError.ts";

/** What a process ends with whose reader has gone: 128 + SIGPIPE. */
const READER_GONE = 141;

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}

/** Runs a command line; returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + n stopped by signal n. */
async function main(args: readonly string[]): Promise<number> {
  try {
    if (args.length === 0) {
      console.error(mainHelp(screenOf(process.stderr)));
      return 2;
    }
    return await run(parseCommand(args));
  } catch (error) {
    report(error, args.includes("--json"));
    return error instanceof UsageError ? error.exitCode : 1;
  }
}

async function run(command: Command): Promise<number> {
  switch (command.name) {
    case "train":
      return trainCommand(command.options, command.given);
    case "summary":
      return summaryCommand(command.options);
    case "eval":
      return evalCommand(command.options);
    case "doctor":
      return doctorCommand(command.options, version());
    case "version":
      console.log(version());
      return 0;
    case "help": {
      const screen = screenOf(process.stdout);
      console.log(command.of === undefined ? mainHelp(screen) : commandHelp(command.of, screen));
      return 0;
    }
  }
}

/** A sentence for people where the error is one of ours, a stack where it is a fault of the program; with `--json` an object too. */
function report(error: unknown, json: boolean): void {
  const { columns, isTerminal, paint } = screenOf(process.stderr);
  if (error instanceof TorchletError || error instanceof RangeError) {
    const sentence = error instanceof UsageError ? error.message : `torchlet: ${error.message}`;
    const lines = isTerminal ? wrap(sentence, columns).join("\n") : sentence;
    console.error(lines.replace(/^torchlet[^:]*:/, (name) => paint("red", name)));
  } else console.error(error);
  if (!json) return;
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const place = error instanceof FormatError ? { code: error.code, offset: error.offset } : {};
  console.log(JSON.stringify({ status: "failed", error: { name, message, ...place } }));
}

// `torchlet summary | head -1`: whoever reads has read enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(READER_GONE);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
