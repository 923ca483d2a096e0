import { manualSeed } from "../core/random/state.ts";
import { loadMnist } from "../data/mnist.ts";
import { init } from "../index.ts";
import { serializeState } from "../io/state.ts";
import { CrossEntropyLoss } from "../nn/losses.ts";
import { readState } from "../nn/state.ts";
import { Adam } from "../optim/adam.ts";
import { type EpochInfo, fit, type FitOptions, type History } from "../train/fit.ts";
import { summary } from "../train/summary.ts";
import { DropoutModel } from "./dropoutModel.ts";

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
  /** Takes `best.safetensors` whenever it improves, and `last.safetensors` at the end. */
  readonly saveFile: (name: string, bytes: Uint8Array) => Promise<void>;
}

/** How the job went. */
export interface JobResult extends History {
  /** What computed, as `cpu`. */
  readonly device: string;
}

/** The reference job: the dropout model on MNIST, by Adam. It runs in Node and in a page, and writes nothing itself. */
export async function trainJob(options: JobOptions, host: JobHost): Promise<JobResult> {
  const device = await init({ device: options.device, threads: options.threads });
  manualSeed(options.seed);
  const { batchSize } = options;
  const trainLoader = await loadMnist(options.data, { batchSize, train: true });
  const testLoader = await loadMnist(options.data, { batchSize, train: false });
  const model = new DropoutModel(options.dropout).to(device);
  await host.onStart(summary(model, [batchSize, 1, 28, 28]));
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const history = await fit(trainLoader, testLoader, model, new CrossEntropyLoss(), optimizer, options.epochs, {
    saveBestModel: options.saveBest,
    saveModelPath: (bytes) => host.saveFile("best.safetensors", bytes),
    earlyStopping: options.earlyStopping,
    patience: options.patience,
    device,
    mode: "multi",
    onEpoch: host.onEpoch,
    ...(host.onStep && { onStep: host.onStep }),
    signal: host.signal,
    progress: host.progress,
  });
  await host.saveFile("last.safetensors", serializeState(await readState(model)));
  return { ...history, device: device.type };
}
