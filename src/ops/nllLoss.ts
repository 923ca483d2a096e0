import { newEmpty, type NdArray, run } from "../array.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
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

export const nllLossKernel: Kernel = kernel("nllLoss", {
  reads: ["x", "target", "weight"],
  writes: ["loss", "picked", "fault"],
  params: { outer: "u32", classes: "u32", inner: "u32", ignoreIndex: "i32", weighted: "u32" },
  threads: eachRow,
});
export const nllLossBackwardKernel: Kernel = kernel("nllLossBackward", {
  reads: ["target", "weight", "scale", "dy"],
  writes: ["dx"],
  params: { outer: "u32", classes: "u32", inner: "u32", ignoreIndex: "i32", weighted: "u32", dyStep: "u32" },
  threads: eachRow,
});

interface Options {
  readonly ignoreIndex: number;
  readonly reduction: LossReduction;
}
type Inputs = readonly [x: NdArray, target: NdArray, weight: NdArray | undefined];

export const nllLossOp: Op<Options, Inputs> = {
  name: "nllLoss",
  infer([x, target, weight], { reduction }) {
    const shape = checkClassLoss("nllLoss", x, target, weight);
    return { shape: reduction === "none" ? shape : [], dtype: "float32" };
  },
  forward(context, x, target, weight) {
    const { ignoreIndex, reduction } = context.options;
    const { outer, classes, inner } = classLayout(x.shape);
    const rows = () => newEmpty(x, [outer * inner]);
    const [loss, picked] = [rows(), rows()];
    const params = [outer, classes, inner, ignoreIndex, weight ? 1 : 0];
    run(nllLossKernel, [x, target, weight ?? x, loss, picked, faultsOf(x.storage.device)], ...params);
    const { result, scale } = reduceRows(loss, picked, target.shape, reduction);
    context.save(x, target, scale, weight ?? x);
    return result;
  },
  backward(context: Context<Options>, gradient) {
    const [x, target, scale, weight] = context.saved as [NdArray, NdArray, NdArray, NdArray];
    const { ignoreIndex, reduction } = context.options;
    const { outer, classes, inner } = classLayout(x.shape);
    const dx = newEmpty(x);
    const params = [outer, classes, inner, ignoreIndex, weight === x ? 0 : 1, reduction === "none" ? 1 : 0];
    run(nllLossBackwardKernel, [target, weight, scale, gradient, dx], ...params);
    return [dx, null, null];
  },
};

/**
 * `−w x_target`: negative log-likelihood of log-probabilities. w is the target's `weight`; the mean divides by their sum.
 *
 * @param x log-probabilities, [N, C], [C] or [N, C, d…], float32
 * @param target class labels, [N], [] or [N, d…], int32 or uint8
 * @param options `weight`, `ignoreIndex`, `reduction`
 * @returns [] for "mean" (default) and "sum", the target's shape for "none"; the mean over no sample is NaN
 * @throws RangeError for labels outside [0, C) other than `ignoreIndex`: at the call where they lie on the host, with the next
 *   read or step where a kernel made them; and for an unknown `reduction`
 * @throws ShapeError where target or weight do not fit the scores
 * @throws DTypeError for scores that are not float32, or labels that are no integers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 * @category Losses
 */
export function nllLoss(x: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  const { weight, ignoreIndex = -100 } = options;
  const reduction = checkReduction("nllLoss", options.reduction ?? "mean");
  const labels = checkLabels("nllLoss", target, classLayout(x.shape).classes, ignoreIndex);
  return apply(nllLossOp, [x, labels, weight], { ignoreIndex, reduction });
}
