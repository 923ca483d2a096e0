import { COMMAND_NAMES, COMMANDS, type CommandName, type SummaryValues } from "./commands.ts";
import { meant, readArguments, usage } from "./readArguments.ts";
import type { JobOptions } from "./trainJob.ts";
import { UsageError } from "./usageError.ts";

/** The options of `torchlet train`, with defaults for all that were not given. */
export interface TrainOptions extends JobOptions {
  /** True if headless Chrome is to train. */
  readonly headless: boolean;
  /** Folder for what the run writes. */
  readonly out: string;
  /** True if the run in `out` is to go on. */
  readonly resume: boolean;
  /** True if every line printed is to be a JSON object. */
  readonly json: boolean;
}

/** The options of `torchlet summary`: of a file, or of the reference model for a batch. */
export type SummaryOptions =
  | { readonly model: string; readonly json: boolean }
  | {
      readonly model: undefined;
      readonly json: boolean;
      readonly dropout: number;
      readonly inputSize: readonly number[];
    };

/** The options of `torchlet eval`. */
export interface EvalOptions {
  /** A safetensors file. */
  readonly model: string;
  /** Folder of the MNIST files. */
  readonly data: string;
  /** Which images. */
  readonly dataset: "test" | "train";
  readonly batchSize: number;
  readonly device: "auto" | "cpu" | "webgpu";
  readonly threads: number;
  readonly json: boolean;
}

/** The options of `torchlet doctor`. */
export interface DoctorOptions {
  /** The folder to look for the MNIST files in. */
  readonly data: string;
  readonly json: boolean;
}

/** What a command line asks for. */
export type Command =
  | { readonly name: "help"; readonly of: CommandName | undefined }
  | { readonly name: "version" }
  | { readonly name: "train"; readonly options: TrainOptions; readonly given: ReadonlySet<string> }
  | { readonly name: "summary"; readonly options: SummaryOptions }
  | { readonly name: "eval"; readonly options: EvalOptions }
  | { readonly name: "doctor"; readonly options: DoctorOptions };

const DATA = "datasets";

/**
 * Reads the arguments that follow `torchlet`.
 *
 * @param args as in `process.argv.slice(2)`
 * @param now names the default of `--out`: `runs/2025-01-31T14-05-09`, in local time
 * @throws UsageError if a command or an option is unknown, a value is missing, or a value is out of its range
 */
export function parseCommand(args: readonly string[], now: Date = new Date()): Command {
  const [first, ...rest] = args;
  if (first === "--help" || first === "-h") return { name: "help", of: undefined };
  if (first === "--version" || first === "-v") return { name: "version" };
  if (first === "help") return { name: "help", of: rest[0] === undefined ? undefined : commandName(rest[0]) };
  const name = commandName(first);
  switch (name) {
    case "train":
      return parseTrain(rest, now);
    case "summary":
      return parseSummary(rest);
    case "eval":
      return parseEval(rest);
    default:
      return parseDoctor(rest);
  }
}

/** The command of that name. @throws UsageError if there is none */
function commandName(typed: string | undefined): CommandName {
  const known = COMMAND_NAMES.find((name) => name === typed);
  if (known !== undefined) return known;
  const names = `${COMMAND_NAMES.slice(0, -1).join(", ")} or ${COMMAND_NAMES.at(-1)}`;
  const came = typed === undefined ? "nothing" : `"${typed}"${meant(typed, [...COMMAND_NAMES, "help"])}`;
  throw new UsageError(`torchlet: expected the command ${names}, got ${came}; see torchlet --help`);
}

const helpOf = (of: CommandName): Command => ({ name: "help", of });

function parseTrain(args: readonly string[], now: Date): Command {
  const values = readArguments("train", COMMANDS.train.options, args);
  if (values === "help") return helpOf("train");
  const { data = DATA, out = `runs/${timeName(now)}` } = values;
  const given = new Set(Object.values(COMMANDS.train.options).flatMap(({ name }) => (isGiven(name, args) ? name : [])));
  return { name: "train", options: { ...values, threads: threadsOf(values, args), data, out }, given };
}

function parseSummary(args: readonly string[]): Command {
  const { model: _, ...ofReference } = COMMANDS.summary.options;
  const values = readArguments("summary", COMMANDS.summary.options, args);
  if (values === "help") return helpOf("summary");
  const { model, json, dropout } = values;
  if (model === undefined)
    return { name: "summary", options: { model, json, dropout, inputSize: inputSize(values, args) } };
  const stray = Object.values(ofReference).find(({ name }) => name !== "json" && isGiven(name, args));
  if (stray !== undefined)
    throw usage("summary", `--${stray.name} is for the dropout model; a file given by --model is listed as it is`);
  return { name: "summary", options: { model, json } };
}

/** The shape of a batch. @throws UsageError where `--batch-size` and `--input-size` contradict each other */
function inputSize({ batchSize, inputSize }: SummaryValues, args: readonly string[]): readonly number[] {
  if (inputSize === undefined) return [batchSize, 1, 28, 28];
  if (isGiven("batch-size", args) && inputSize[0] !== batchSize)
    throw usage(
      "summary",
      `--batch-size says ${batchSize} images, but --input-size ${inputSize[0]}; give one of the two`,
    );
  return inputSize;
}

const isGiven = (name: string, args: readonly string[]): boolean =>
  args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));

/** Threads of the CPU: one where nobody asked for more and a GPU computes, for which the CPU only stands by. */
function threadsOf({ device, threads }: Pick<EvalOptions, "device" | "threads">, args: readonly string[]): number {
  return device === "webgpu" && !isGiven("threads", args) ? 1 : threads;
}

function parseEval(args: readonly string[]): Command {
  const values = readArguments("eval", COMMANDS.eval.options, args);
  if (values === "help") return helpOf("eval");
  const { model, data = DATA } = values;
  if (model === undefined) throw usage("eval", "expected the weights as --model FILE, got nothing");
  return { name: "eval", options: { ...values, threads: threadsOf(values, args), model, data } };
}

function parseDoctor(args: readonly string[]): Command {
  const values = readArguments("doctor", COMMANDS.doctor.options, args);
  if (values === "help") return helpOf("doctor");
  const { data = DATA, json } = values;
  return { name: "doctor", options: { data, json } };
}

/** The local time as "2025-01-31T14-05-09": sorts by time, and holds no colon, which Windows forbids in names. */
function timeName(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day}T${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join("-")}`;
}
