import { parseArgs } from "node:util";
import { TorchletError } from "../core/errors.ts";
import type { JobOptions } from "./trainJob.ts";

/** A command line that does not say what to do; its sentence tells what was expected, what came, and where the help is. */
export class UsageError extends TorchletError {
  /** What the process is to exit with. */
  readonly exitCode = 2;

  static {
    UsageError.prototype.name = "UsageError";
  }
}

/** The options of `torchlet train`, with defaults for all that were not given. */
export interface TrainOptions extends JobOptions {
  /** True if headless Chrome is to train. */
  readonly headless: boolean;
  /** Folder for what the run writes. */
  readonly out: string;
  /** True if every line printed is to be a JSON object. */
  readonly json: boolean;
}

/** What a command line asks for. */
export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | { readonly name: "trainHelp" }
  | { readonly name: "train"; readonly options: TrainOptions };

const TRAIN_ARGUMENTS = {
  data: { type: "string" },
  dropout: { type: "string" },
  epochs: { type: "string" },
  "batch-size": { type: "string" },
  lr: { type: "string" },
  seed: { type: "string" },
  device: { type: "string" },
  headless: { type: "boolean" },
  "save-best": { type: "boolean" },
  "early-stopping": { type: "boolean" },
  patience: { type: "string" },
  out: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type TrainArgument = keyof typeof TRAIN_ARGUMENTS;
type Texts = Partial<Record<TrainArgument, string>>;

/** The largest integer up to which all are exact in float64. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * Reads the arguments that follow `torchlet`.
 *
 * @param args as in `process.argv.slice(2)`
 * @param now names the default of `--out`: `runs/2025-01-31T14-05-09`, in local time
 * @throws UsageError if a command or an option is unknown, a value is missing, or a value is out of its range
 */
export function parseCommand(args: readonly string[], now: Date = new Date()): Command {
  const [first, ...rest] = args;
  if (first === "--help" || first === "-h") return { name: "help" };
  if (first === "--version" || first === "-v") return { name: "version" };
  if (first === "train") return parseTrain(rest, now);
  const came = first === undefined ? "nothing" : `"${first}"`;
  throw new UsageError(`torchlet: expected the command train, got ${came}; see torchlet --help`);
}

function parseTrain(args: readonly string[], now: Date): Command {
  const { texts, flags } = readArguments(args);
  if (flags.has("help")) return { name: "trainHelp" };
  const options: TrainOptions = {
    data: folder("data", texts, "datasets"),
    dropout: number("dropout", texts, 0.5, 1),
    epochs: integer("epochs", texts, 10, 1),
    batchSize: integer("batch-size", texts, 200, 1),
    lr: number("lr", texts, 1e-3, Number.POSITIVE_INFINITY),
    seed: integer("seed", texts, 0, 0),
    device: device(texts),
    headless: flags.has("headless"),
    saveBest: flags.has("save-best"),
    earlyStopping: flags.has("early-stopping"),
    patience: integer("patience", texts, 10, 1),
    out: folder("out", texts, `runs/${timeName(now)}`),
    json: flags.has("json"),
  };
  return { name: "train", options };
}

/**
 * `parseArgs` only splits the arguments here, and every token is judged below: its own strict mode speaks in Node's
 * sentences, and takes the number in `--lr -1` for an option.
 */
function readArguments(args: readonly string[]): { texts: Texts; flags: Set<TrainArgument> } {
  const { tokens } = parseArgs({ args: [...args], options: TRAIN_ARGUMENTS, strict: false, tokens: true });
  const texts: Texts = {};
  const flags = new Set<TrainArgument>();
  for (const token of tokens) {
    if (token.kind === "positional") throw usage(`no argument "${token.value}" was expected; options start with --`);
    if (token.kind === "option-terminator") continue;
    if (!isTrainArgument(token.name)) throw usage(`there is no option ${token.rawName}`);
    const { name, value } = token;
    if (TRAIN_ARGUMENTS[name].type === "boolean") {
      if (value !== undefined) throw usage(`--${name} takes no value, got "${value}"`);
      flags.add(name);
    } else if (value === undefined) {
      throw usage(`--${name} expects a value, got nothing`);
    } else if (!token.inlineValue && value.startsWith("-") && toNumber(value) === undefined) {
      throw usage(`--${name} expects a value, got the option ${value}`);
    } else {
      texts[name] = value;
    }
  }
  return { texts, flags };
}

function isTrainArgument(name: string): name is TrainArgument {
  return Object.hasOwn(TRAIN_ARGUMENTS, name);
}

function usage(sentence: string): UsageError {
  return new UsageError(`torchlet train: ${sentence}; see torchlet train --help`);
}

/** The number that `text` spells in decimal digits, or undefined. `Number` alone would take "", "0x10" and "Infinity". */
function toNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function number(name: TrainArgument, texts: Texts, preset: number, most: number): number {
  const text = texts[name];
  if (text === undefined) return preset;
  const value = toNumber(text);
  if (value !== undefined && Number.isFinite(value) && value >= 0 && value <= most) return value;
  const range = most === Number.POSITIVE_INFINITY ? "of at least 0" : `from 0 to ${most}`;
  throw usage(`--${name} expects a number ${range}, got "${text}"`);
}

function integer(name: TrainArgument, texts: Texts, preset: number, least: number): number {
  const text = texts[name];
  if (text === undefined) return preset;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= LARGEST) return value;
  throw usage(`--${name} expects a whole number from ${least} to ${LARGEST}, got "${text}"`);
}

function folder(name: TrainArgument, texts: Texts, preset: string): string {
  const text = texts[name] ?? preset;
  if (text.trim() !== "") return text;
  throw usage(`--${name} expects the path of a folder, got an empty text`);
}

function device(texts: Texts): TrainOptions["device"] {
  const text = texts.device ?? "cpu";
  if (text === "auto" || text === "cpu" || text === "webgpu") return text;
  throw usage(`--device expects auto, cpu or webgpu, got "${text}"`);
}

/** The local time as "2025-01-31T14-05-09": sorts by time, and holds no colon, which Windows forbids in names. */
function timeName(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join("-")}`;
}
