#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { TorchletError } from "../core/errors.ts";
import { HELP, TRAIN_HELP } from "./help.ts";
import { parseCommand, UsageError } from "./options.ts";
import { trainCommand } from "./trainCommand.ts";

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}

/** Runs a command line; returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + n stopped by signal n. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command.name === "train") return await trainCommand(command.options);
    console.log(command.name === "version" ? version() : command.name === "help" ? HELP : TRAIN_HELP);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`torchlet: ${error.message}`);
      return error.exitCode;
    }
    // A sentence for people where the error is one of ours; a stack where it is a fault of the program.
    if (error instanceof TorchletError || error instanceof RangeError) console.error(`torchlet: ${error.message}`);
    else console.error(error);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
