/**
 * Training: `fit`, one epoch of it, evaluation, and the report.
 *
 * @module
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
export { type EpochInfo, type FitOptions, fit, type History } from "./fit.ts";
export { countCorrect, type Mode } from "./metrics.ts";
export type { DeviceLoss } from "./recovery.ts";
export { type RunReport, reportHtml } from "./report.ts";
export { type StepInfo, type Steps, type TrainBatches, type TrainOptions, train } from "./train.ts";
