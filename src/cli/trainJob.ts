import { manualSeed } from "../core/random/state.ts";
import { loadMnist } from "../data/mnist.ts";
import { init } from "../index.ts";
import { serializeState } from "../io/state.ts";
import type { ByteStore } from "../io/store.ts";
import { CrossEntropyLoss } from "../nn/losses.ts";
import { readState } from "../nn/state.ts";
import { Adam } from "../optim/adam.ts";
import { type EpochInfo, fit, type FitOptions, type History } from "../train/fit.ts";
import { summary } from "../train/summary.ts";
import { DropoutModel } from "./dropoutModel.ts";

/** The name of the file that a run goes on from. */
export const CHECKPOINT = "checkpoint.safetensors";
/** The entry of its metadata that holds the job's options. */
export const OPTIONS_KEY = "torchlet.train";

/** What the reference job is to do; part of the options of `torchlet train`. */
export interface JobOptions {
  /** Folder or URL of the MNIST files. */
  readonly data: string;
  /** Probability of a zero in every dropout layer, from 0 to 1. */
  readonly dropout: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's learning rate, at least 0. */
  readonly lr: number;
  readonly seed: number;
  readonly device: "auto" | "cpu" | "webgpu";
  /** Threads of the CPU that compute. */
  readonly threads: number;
  readonly saveBest: boolean;
  readonly earlyStopping: boolean;
  /** Epochs without improvement after which `earlyStopping` stops. */
  readonly patience: number;
}

/** Where the job runs, and who hears of it: this process, or a page and its runner. */
export interface JobHost {
  readonly signal: AbortSignal;
  /** Whether `fit` prints here. */
  readonly progress: boolean;
  /** Called with the model's summary when training is about to begin. */
  readonly onStart: (table: string) => Promise<void>;
  readonly onEpoch: (info: EpochInfo) => Promise<void>;
  readonly onStep?: NonNullable<FitOptions["onStep"]>;
  /** Where the data is to be had from here, if not where the options say: they are kept in checkpoints for another process. */
  readonly data?: string;
  /** A checkpoint that the job is to go on from. */
  readonly resume?: Uint8Array;
  readonly onResume?: NonNullable<FitOptions["onResume"]>;
  /** Takes checkpoints, `best.safetensors` whenever it improves, and `last.safetensors` at the end. */
  readonly saveFile: (name: string, bytes: Uint8Array) => Promise<void>;
}

/** How the job went. */
export interface JobResult extends History {
  /** What computed, as `cpu`. */
  readonly device: string;
}

/** The reference job: the dropout model on MNIST, by Adam. It runs in Node and in a page, and writes nothing itself. */
export async function trainJob(options: JobOptions, host: JobHost): Promise<JobResult> {
  const { resume, onResume, signal, progress, onEpoch, onStep, saveFile } = host;
  const device = await init({ device: options.device, threads: options.threads });
  manualSeed(options.seed);
  const { batchSize } = options;
  const { data = options.data } = host;
  const trainLoader = await loadMnist(data, { batchSize, train: true });
  const testLoader = await loadMnist(data, { batchSize, train: false });
  const model = new DropoutModel(options.dropout).to(device);
  await host.onStart(summary(model, [batchSize, 1, 28, 28]));
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const history = await fit(trainLoader, testLoader, model, new CrossEntropyLoss(), optimizer, options.epochs, {
    saveBestModel: options.saveBest,
    saveModelPath: (bytes) => saveFile("best.safetensors", bytes),
    earlyStopping: options.earlyStopping,
    patience: options.patience,
    device,
    mode: "multi",
    checkpoint: { to: checkpointStore(saveFile), metadata: { [OPTIONS_KEY]: JSON.stringify(jobOptions(options)) } },
    ...(resume && { resume }),
    ...(onResume && { onResume }),
    ...(onStep && { onStep }),
    ...{ onEpoch, signal, progress },
  });
  await saveFile("last.safetensors", serializeState(await readState(model)));
  return { ...history, device: device.type };
}

/** Checkpoints only go out by `saveFile`: what the job goes on from is handed to it. */
function checkpointStore(saveFile: JobHost["saveFile"]): ByteStore {
  return { read: async () => undefined, write: (bytes) => saveFile(CHECKPOINT, bytes), remove: async () => undefined };
}

/** The options of the job without what else a command line has. */
const jobOptions = (options: JobOptions): JobOptions => {
  const { data, dropout, epochs, batchSize, lr, seed, device, threads, saveBest, earlyStopping, patience } = options;
  return { data, dropout, epochs, batchSize, lr, seed, device, threads, saveBest, earlyStopping, patience };
};
