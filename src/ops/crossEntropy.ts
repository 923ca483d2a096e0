import { newEmpty, type NdArray, run } from "../array.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byRow } from "../core/split.ts";
import { faultsOf } from "../faults.ts";
import { apply, type Context, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { eachRow } from "./along.ts";
import {
  checkClassLoss,
  checkLabels,
  checkReduction,
  type ClassLossOptions,
  classLayout,
  type LossReduction,
  reduceRows,
} from "./classLoss.ts";

export const crossEntropyKernel: Kernel = kernel("crossEntropy", {
  reads: ["x", "target", "weight"],
  writes: ["loss", "logSum", "picked", "fault"],
  params: { outer: "u32", classes: "u32", inner: "u32", ignoreIndex: "i32", smoothing: "f32", weighted: "u32" },
  threads: eachRow,
  split: byRow(
    2,
    ([, classes = 0, inner = 0]) => [4 * classes * inner, 4 * inner, 0, 4 * inner, 4 * inner, 4 * inner, 0],
    ([, classes = 0, inner = 0]) => 20 * classes * inner,
  ),
});
export const crossEntropyBackwardKernel: Kernel = kernel("crossEntropyBackward", {
  reads: ["x", "target", "weight", "logSum", "scale", "dy"],
  writes: ["dx"],
  params: {
    outer: "u32",
    classes: "u32",
    inner: "u32",
    ignoreIndex: "i32",
    smoothing: "f32",
    weighted: "u32",
    dyStep: "u32",
  },
  threads: eachRow,
  split: byRow(
    2,
    ([, classes = 0, inner = 0, , , , dyStep = 0]) => {
      return [4 * classes * inner, 4 * inner, 0, 4 * inner, 0, 4 * inner * dyStep, 4 * classes * inner];
    },
    ([, classes = 0, inner = 0]) => 20 * classes * inner,
  ),
});

interface Options {
  readonly ignoreIndex: number;
  readonly smoothing: number;
  readonly reduction: LossReduction;
}
type Inputs = readonly [x: NdArray, target: NdArray, weight: NdArray | undefined];

export const crossEntropyOp: Op<Options, Inputs> = {
  name: "crossEntropy",
  gradFn: ({ smoothing }) => (smoothing > 0 ? "AddBackward0" : "NllLossBackward0"),
  infer([x, target, weight], { reduction }) {
    const shape = checkClassLoss("crossEntropy", x, target, weight);
    return { shape: reduction === "none" ? shape : [], dtype: "float32" };
  },
  forward(context, x, target, weight) {
    const { ignoreIndex, smoothing, reduction } = context.options;
    const { outer, classes, inner } = classLayout(x.shape);
    const rows = () => newEmpty(x, [outer * inner]);
    const [loss, logSum, picked] = [rows(), rows(), rows()];
    // Without weights any array that is only read stands in for them.
    const weights = weight ?? target;
    const arrays = [x, target, weights, loss, logSum, picked, faultsOf(x.storage.device)];
    run(crossEntropyKernel, arrays, outer, classes, inner, ignoreIndex, smoothing, weight ? 1 : 0);
    const { result, scale } = reduceRows(loss, picked, target.shape, reduction);
    context.save(x, target, logSum, scale, weights);
    return result;
  },
  backward(context: Context<Options>, gradient) {
    const [x, target, logSum, scale, weight] = context.saved as [NdArray, NdArray, NdArray, NdArray, NdArray];
    const { ignoreIndex, smoothing, reduction } = context.options;
    const { outer, classes, inner } = classLayout(x.shape);
    const dx = newEmpty(x);
    const arrays = [x, target, weight, logSum, scale, gradient, dx];
    const [weighted, none] = [weight === target ? 0 : 1, reduction === "none" ? 1 : 0];
    run(crossEntropyBackwardKernel, arrays, outer, classes, inner, ignoreIndex, smoothing, weighted, none);
    return [dx, null, null];
  },
};

/**
 * Options of `crossEntropy` and `nn.CrossEntropyLoss`.
 *
 * @category Losses
 */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** Share of the target spread evenly over all classes, in [0, 1]; 0 by default. */
  readonly labelSmoothing?: number;
}

/**
 * `−Σₖ qₖ log softmax(x)ₖ` with `qₖ = ((1 − ε) [k = target] + ε / C) wₖ`: cross-entropy of raw scores. ε is `labelSmoothing`, w
 * `weight`. The mean divides by the sum of the targets' weights.
 *
 * @param x scores, [N, C], [C] or [N, C, d…], float32
 * @param target class labels, [N], [] or [N, d…], int32 or uint8
 * @param options `weight`, `ignoreIndex`, `labelSmoothing`, `reduction`
 * @returns [] for "mean" (default) and "sum", the target's shape for "none"; the mean over no sample is NaN
 * @throws RangeError for labels outside [0, C) other than `ignoreIndex`: at the call where they lie on the host, with the next
 *   read or step where a kernel made them; and for a `labelSmoothing` outside [0, 1] or an unknown `reduction`
 * @throws ShapeError where target or weight do not fit the scores
 * @throws DTypeError for scores that are not float32, or labels that are no integers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 * @category Losses
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight, ignoreIndex = -100, labelSmoothing = 0 } = options;
  const reduction = checkReduction("crossEntropy", options.reduction ?? "mean");
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new RangeError(`crossEntropy: labelSmoothing must be in [0, 1], got ${labelSmoothing}`);
  const labels = checkLabels("crossEntropy", target, classLayout(x.shape).classes, ignoreIndex);
  return apply(crossEntropyOp, [x, labels, weight], { ignoreIndex, smoothing: labelSmoothing, reduction });
}
