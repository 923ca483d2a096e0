import { parseArgs } from "node:util";
import { nearest } from "./nearest.ts";
import { type Option, type OptionTable, toNumber, type ValuesOf } from "./option.ts";
import { UsageError } from "./usageError.ts";

/** The error of a command that was called wrongly. @param sentence without the command's name and a full stop */
export const usage = (command: string, sentence: string): UsageError =>
  new UsageError(`torchlet ${command}: ${sentence}; see torchlet ${command} --help`);

/** " (did you mean NAME?)", or nothing where no name is near. */
export function meant(word: string, names: readonly string[], dashes = ""): string {
  const name = nearest(word, names);
  return name === undefined ? "" : ` (did you mean ${dashes}${name}?)`;
}

/**
 * Reads the arguments of a command.
 *
 * @returns the values, defaults included; `"help"` where the help was asked for
 * @throws UsageError if an option is unknown, a value is missing, or one is out of its range
 */
export function readArguments<Table extends OptionTable>(
  command: string,
  table: Table,
  args: readonly string[],
): ValuesOf<Table> | "help" {
  const texts = splitArguments(command, Object.values(table), args);
  if (texts.has("help")) return "help";
  const values = Object.entries(table).map(([key, { name, read }]) => {
    const text = texts.get(name);
    const refuse = (expected: string, came = `"${text}"`): never => {
      throw usage(command, `--${name} expects ${expected}, got ${came}`);
    };
    return [key, read(text, refuse)] as const;
  });
  return Object.fromEntries(values) as ValuesOf<Table>;
}

/**
 * What was typed for each option; of one given twice the last. `parseArgs` only splits the arguments here, and every token
 * is judged below: its own strict mode speaks in Node's sentences, and takes the number in `--lr -1` for an option.
 */
function splitArguments(
  command: string,
  options: readonly Option<unknown>[],
  args: readonly string[],
): Map<string, string> {
  const known = new Map(options.map(({ name, takes }) => [name, takes !== undefined]));
  known.set("help", false);
  const types = Array.from(known, ([name, value]) => [name, { type: value ? "string" : "boolean" }] as const);
  const config = { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } } as const;
  const { tokens } = parseArgs({ args: [...args], options: config, strict: false, tokens: true });
  const texts = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional")
      throw usage(command, `no argument "${token.value}" was expected; options start with --`);
    const { name, rawName, value, inlineValue } = token;
    const takesValue = known.get(name);
    if (takesValue === undefined)
      throw usage(command, `there is no option ${rawName}${meant(rawName, [...known.keys()], "--")}`);
    if (!takesValue && value !== undefined) throw usage(command, `--${name} takes no value, got "${value}"`);
    if (takesValue && value === undefined) throw usage(command, `--${name} expects a value, got nothing`);
    if (value?.startsWith("-") && !inlineValue && toNumber(value) === undefined)
      throw usage(command, `--${name} expects a value, got the option ${value}`);
    texts.set(name, value ?? "");
  }
  return texts;
}
