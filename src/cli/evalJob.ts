import { DataLoader } from "../data/loader.ts";
import { MNIST } from "../data/mnist.ts";
import { init } from "../index.ts";
import { CrossEntropyLoss } from "../nn/losses.ts";
import type { Tensor } from "../tensor.ts";
import { evaluate, type Evaluation, type Model } from "../train/evaluate.ts";
import { DropoutModel } from "./dropoutModel.ts";
import { loadWeights } from "./loadWeights.ts";
import { readModel } from "./modelFile.ts";
import type { EvalOptions } from "./options.ts";

/** What is known before the first image is looked at. */
export interface EvalStart {
  /** What computes, as `cpu`. */
  readonly device: string;
  readonly params: number;
  readonly samples: number;
}

/** How the weights do. */
export interface EvalResult extends EvalStart, Evaluation {
  /** Right predictions. */
  readonly correct: number;
  /** Names of the classes, by label. */
  readonly classes: readonly string[];
  /** `confusion[label][prediction]`: how many images with this label were taken for that. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Measures the weights of a file as `fit` does after an epoch, and counts which classes are taken for which.
 *
 * @param onStart called when all is loaded
 * @throws DataError, FormatError, ShapeError or DTypeError where weights or data cannot be used; the signal's reason
 */
export async function evalJob(
  options: EvalOptions,
  signal: AbortSignal,
  onStart: (start: EvalStart) => void,
): Promise<EvalResult> {
  // Before the device, which may take a while to be measured: what is wrong with the weights is known at once.
  const weights = await readModel(options.model);
  const device = await init({ device: options.device, threads: options.threads });
  const model = new DropoutModel();
  loadWeights(model, weights, options.model);
  model.to(device);
  const dataset = await MNIST.load(options.data, { train: options.dataset === "train" });
  const params = model.parameters().reduce((sum, { numel }) => sum + numel, 0);
  const start = { device: device.type, params, samples: dataset.length };
  onStart(start);
  const { watched, predictions } = watch(model);
  const loader = new DataLoader(dataset, { batchSize: options.batchSize });
  const means = await evaluate(loader, watched, new CrossEntropyLoss(), { mode: "multi", signal });
  const classes = MNIST.classes;
  const confusion = count(dataset.labels, await predictions(), classes.length);
  const correct = confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
  return { ...start, ...means, correct, classes, confusion };
}

/** The model, and the classes that it predicts as it is called. */
function watch(model: DropoutModel): { watched: Model; predictions: () => Promise<number[]> } {
  const found: Tensor[] = [];
  const call = (x: Tensor): Tensor => {
    const output = model(x);
    found.push(output.argmax(1).keep());
    return output;
  };
  const watched = Object.assign(call, { training: false, train: (mode?: boolean) => model.train(mode) });
  const predictions = async () => {
    const batches = await Promise.all(found.map((batch) => batch.data()));
    for (const batch of found) batch.dispose();
    return batches.flatMap((batch) => Array.from(batch, Number));
  };
  return { watched, predictions };
}

function count(labels: Int32Array, predictions: readonly number[], classes: number): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predictions.forEach((prediction, i) => {
    const row = confusion[labels[i] ?? 0];
    if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1;
  });
  return confusion;
}
