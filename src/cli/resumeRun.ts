import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../core/errors.ts";
import { parse } from "../io/safetensors.ts";
import { openStore } from "../io/store.ts";
import { decodeCheckpoint } from "../train/checkpointFile.ts";
import { JsonValue } from "../train/jsonValue.ts";
import { COMMANDS } from "./commands.ts";
import type { TrainOptions } from "./options.ts";
import { usage } from "./readArguments.ts";
import { CHECKPOINT, type JobOptions, OPTIONS_KEY } from "./trainJob.ts";

/** Where runs go whose folder was not named. */
const RUNS = "runs";
/** What must stay as it was, so that the run ends in the same bits. */
const FIXED = ["dropout", "batchSize", "lr", "seed", "device", "saveBest", "earlyStopping", "patience"] as const;

/** A run that goes on. */
export interface ResumedRun {
  /** Those of the run; where it is to go on, and how it is shown, as asked for now. */
  readonly options: TrainOptions;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  /** Epochs that are done. */
  readonly epochs: number;
}

/**
 * Finds the run that `--resume` means, and what it was asked for.
 *
 * @param options what the command line says, defaults included
 * @param given the options that it names
 * @throws UsageError where the command line contradicts the run, or no run is there
 * @throws DataError or FormatError for a checkpoint that is not there, or none of this command's
 */
export async function resumeRun(options: TrainOptions, given: ReadonlySet<string>): Promise<ResumedRun> {
  const out = given.has("out") ? options.out : lastRun();
  const path = join(out, CHECKPOINT);
  const checkpoint = await openStore(path).read();
  if (checkpoint === undefined)
    throw new DataError(`there is no ${path}, so no run to resume; without --resume a new one begins`);
  const { snapshot } = decodeCheckpoint(checkpoint, path);
  const before = optionsOf(checkpoint, path);
  for (const key of FIXED) {
    const { name, takes } = COMMANDS.train.options[key];
    if (!given.has(name) || options[key] === before[key]) continue;
    const typed = takes === undefined ? `--${name}` : `--${name} ${options[key]}`;
    throw usage("train", `${typed} contradicts the run in ${out}, which has ${before[key]}; leave it out`);
  }
  const { json } = options;
  const chosen = {
    epochs: given.has("epochs") ? options.epochs : before.epochs,
    data: given.has("data") ? options.data : before.data,
    threads: given.has("threads") ? options.threads : before.threads,
    headless: options.headless,
  };
  if (snapshot.epoch - 1 > chosen.epochs)
    throw usage(
      "train",
      `--epochs ${chosen.epochs} is less than the ${snapshot.epoch - 1} that the run in ${out} has done`,
    );
  return { options: { ...before, ...chosen, json, out, resume: true }, checkpoint, epochs: snapshot.epoch - 1 };
}

/** The newest run that has a checkpoint: names are times. */
function lastRun(): string {
  const folders = existsSync(RUNS) ? readdirSync(RUNS).sort() : [];
  const last = folders.filter((name) => existsSync(join(RUNS, name, CHECKPOINT))).at(-1);
  if (last === undefined) throw usage("train", `--resume found no run in ${RUNS}; name its folder by --out DIR`);
  return join(RUNS, last);
}

function optionsOf(checkpoint: Uint8Array, path: string): JobOptions {
  const text = parse(checkpoint).metadata.get(OPTIONS_KEY);
  if (text === undefined)
    throw new DataError(`${path} was not written by torchlet train; its program goes on with fit's option resume`);
  const json = JsonValue.parse(text, OPTIONS_KEY);
  return {
    data: json.get("data").text(),
    dropout: json.get("dropout").number(),
    epochs: json.get("epochs").count(1),
    batchSize: json.get("batchSize").count(1),
    lr: json.get("lr").number(),
    seed: json.get("seed").count(),
    device: json.get("device").word("auto", "cpu", "webgpu"),
    threads: json.get("threads").count(1),
    saveBest: json.get("saveBest").boolean(),
    earlyStopping: json.get("earlyStopping").boolean(),
    patience: json.get("patience").count(1),
  };
}
