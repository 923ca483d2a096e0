/**
 * Training: `fit` with its epoch lines, early stopping and best weights; one epoch of it; evaluation; curves and report.
 *
 * @example
 * ```ts
 * import { fit } from "torchlet/train";
 *
 * const history = await fit(trainLoader, testLoader, model, lossFn, optimizer, 10, { device, mode: "multi" });
 * console.log(history.valAccuracy.at(-1)); // e.g. 0.9724
 * ```
 *
 * @module torchlet/train
 */
export type { ModelTarget } from "./best.ts";
export { type CurveOptions, curvesSvg, type RunCurves } from "./chart.ts";
export { type EpochMetrics, epochLine } from "./epochLine.ts";
export {
  type Batches,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type LossFunction,
  type Model,
} from "./evaluate.ts";
export {
  type CheckpointTarget,
  type EpochInfo,
  type FitOptions,
  fit,
  type History,
  type Resumption,
} from "./fit.ts";
export { countCorrect, type Mode } from "./metrics.ts";
export type { DeviceLoss } from "./deviceLoss.ts";
export { type LoopState, type ResumedLoop, resume, save } from "./resume.ts";
export type { Restorable, RestorableGroup } from "./snapshot.ts";
export type { ByteStore } from "../io/store.ts";
export { type RunReport, reportHtml } from "./report.ts";
export { type StepInfo, type Steps, type TrainBatches, type TrainOptions, train } from "./train.ts";
