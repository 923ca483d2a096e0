import { COMMAND_NAMES, COMMANDS, type CommandName, type CommandSpec } from "./commands.ts";
import type { Option } from "./option.ts";
import { type Screen, wrap } from "./screen.ts";

/** A label and what it means. */
type Entry = readonly [label: string, text: string];

/** Where the second column begins at the latest. */
const WIDEST_LABEL = 22;

/** What `torchlet --help` prints, laid out for the screen, without a final line break. */
export function mainHelp(screen: Screen): string {
  const commands = COMMAND_NAMES.map((name): Entry => [name, COMMANDS[name].purpose]);
  const options: Entry[] = [
    ["-h, --help", "show this text; after a command, the command's options"],
    ["-v, --version", "show the version"],
  ];
  const examples: Entry[] = [
    ["torchlet doctor", "what works here, and what to install"],
    ["torchlet train --epochs 1", "train for one epoch"],
    ["torchlet help eval", "a command's options and examples"],
  ];
  return [
    ...usageLines("torchlet <command> [options]", screen),
    "",
    ...wrap("Trains neural networks with PyTorch's API and PyTorch's numbers.", screen.columns),
    "",
    ...section("Commands", commands, screen),
    "",
    ...section("Options", options, screen),
    "",
    ...section("Examples", examples, screen, 34),
    "",
    ...wrap("Colours follow NO_COLOR and FORCE_COLOR.", screen.columns),
  ].join("\n");
}

/** What `torchlet COMMAND --help` prints, laid out for the screen, without a final line break. */
export function commandHelp(name: CommandName, screen: Screen): string {
  const { about, options, examples, exitCodes }: CommandSpec = COMMANDS[name];
  const entries = Object.values(options).map(optionEntry);
  const lines = examples.map(([line, purpose]): Entry => [`torchlet ${line}`, purpose]);
  return [
    ...usageLines(`torchlet ${name}${name === "eval" ? " --model FILE" : ""} [options]`, screen),
    "",
    ...wrap(about, screen.columns),
    "",
    ...section("Options", [...entries, ["-h, --help", "show this text"]], screen),
    "",
    ...exampleLines(lines, screen),
    "",
    ...wrap(`Exit codes: ${exitCodes}.`, screen.columns),
  ].join("\n");
}

function usageLines(usage: string, { columns, paint }: Screen): string[] {
  const [first = "", ...rest] = wrap(`Usage: ${usage}`, columns - 4).map((line, i) => (i > 0 ? `    ${line}` : line));
  return [first.replace("Usage:", paint("bold", "Usage:")), ...rest];
}

function optionEntry({ name, takes, text, notes }: Option<unknown>): Entry {
  const label = takes === undefined ? `--${name}` : `--${name} ${takes}`;
  return [label, notes.length === 0 ? text : `${text} ${together(`(${notes.join("; ")})`)}`];
}

/** A heading, and its entries in two columns; on a narrow screen the meaning goes below the label. */
function section(heading: string, entries: readonly Entry[], screen: Screen, widest = WIDEST_LABEL): string[] {
  const { columns, paint } = screen;
  const longest = Math.max(...entries.map(([label]) => label.length));
  const stacked = columns < 60;
  const start = stacked ? 6 : Math.min(longest, widest) + 4;
  const lines = entries.flatMap(([label, text]) => {
    const meaning = wrap(text, columns - start).map((line) => dimNotes(line, screen));
    if (stacked) return [`  ${paint("cyan", label)}`, ...meaning.map((line) => " ".repeat(start) + line)];
    const gap = " ".repeat(Math.max(2, start - 2 - label.length));
    return meaning.map((line, i) => (i === 0 ? `  ${paint("cyan", label)}${gap}${line}` : " ".repeat(start) + line));
  });
  return [paint("bold", `${heading}:`), ...lines];
}

const NO_BREAK = "\u00a0";
/** A text that `wrap` does not break. */
const together = (text: string): string => text.replaceAll(" ", NO_BREAK);

/** Ranges and defaults are for a second look. */
const dimNotes = (line: string, { paint }: Screen): string =>
  line.replace(/\([^()]*\)$/, (notes) => paint("dim", notes)).replaceAll(NO_BREAK, " ");

/** Examples with what they are for above them: command lines are long, and go on behind a backslash where they must. */
function exampleLines(examples: readonly Entry[], { columns, paint }: Screen): string[] {
  const lines = examples.flatMap(([line, purpose]) => {
    const parts = wrap(line, columns - 6);
    const shown = parts.map((part, i) => `${i > 0 ? "    " : "  "}${part}${i < parts.length - 1 ? " \\" : ""}`);
    return [`  ${paint("dim", `# ${purpose}`)}`, ...shown];
  });
  return [paint("bold", "Examples:"), ...lines];
}
