import { newEmpty, type NdArray, run } from "../array.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { numelOf, sameShape, showShape } from "../core/shape.ts";
import { apply, type Context, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkReduction, type LossReduction } from "./classLoss.ts";
import { checkPair, type PairLossOptions, pairScale, reducePairs } from "./pairLoss.ts";

export const bceWithLogitsKernel: Kernel = kernel("bceWithLogits", {
  reads: ["x", "y", "posWeight"],
  writes: ["out"],
  params: { n: "u32", posWeighted: "u32", classes: "u32" },
});
export const bceWithLogitsBackwardKernel: Kernel = kernel("bceWithLogitsBackward", {
  reads: ["x", "y", "posWeight", "dy"],
  writes: ["dx"],
  params: { n: "u32", posWeighted: "u32", classes: "u32", dyStep: "u32", scale: "f32" },
});

type Inputs = readonly [x: NdArray, y: NdArray, posWeight: NdArray | undefined];

const NAME = "binaryCrossEntropyWithLogits";

export const bceWithLogitsOp: Op<LossReduction, Inputs> = {
  name: NAME,
  infer([x, y, posWeight], reduction) {
    checkPair(NAME, x, y);
    const classes = x.shape.at(-1) ?? 1;
    if (posWeight && !sameShape(posWeight.shape, [classes]) && numelOf(posWeight.shape) !== 1)
      throw new ShapeError(
        `${NAME}: posWeight must be [${classes}], one for each class, got ${showShape(posWeight.shape)}`,
      );
    return { shape: reduction === "none" ? x.shape : [], dtype: "float32" };
  },
  forward(context, x, y, posWeight) {
    const losses = newEmpty(x);
    run(bceWithLogitsKernel, [x, y, posWeight ?? x, losses], numelOf(x.shape), ...weights(posWeight));
    context.save(x, y, posWeight ?? x);
    return reducePairs(losses, context.options);
  },
  backward(context: Context<LossReduction>, gradient) {
    const [x, y, posWeight] = context.saved as [NdArray, NdArray, NdArray];
    if (context.needs[1]) throw new DTypeError(`${NAME}: the target must not require a gradient; use target.detach()`);
    const n = numelOf(x.shape);
    const dx = newEmpty(x);
    const params = [n, ...weights(posWeight === x ? undefined : posWeight), ...pairScale(n, context.options)];
    run(bceWithLogitsBackwardKernel, [x, y, posWeight, gradient, dx], ...params);
    return [dx, null, null];
  },
};

const weights = (posWeight: NdArray | undefined): [posWeighted: number, classes: number] =>
  posWeight ? [1, numelOf(posWeight.shape)] : [0, 1];

/**
 * Options of `binaryCrossEntropyWithLogits` and `nn.BCEWithLogitsLoss`.
 *
 * @category Losses
 */
export interface BceWithLogitsOptions extends PairLossOptions {
  /** A factor for the positive term of each class, [C] along the last dimension, or one for all; 1 unless given. */
  readonly posWeight?: Tensor;
}

/**
 * `(1 − y) x + (1 + (w − 1) y) (log(1 + e^−|x|) + max(−x, 0))`, element by element: binary cross-entropy of sigmoid(x), without
 * its loss of digits. w is `posWeight`, or 1.
 *
 * @param x raw scores, any shape, float32
 * @param y targets in [0, 1] of the same shape, float32
 * @param options `reduction`: what becomes of the losses, and `posWeight`
 * @returns [] for "mean" (default) and "sum", the shape of `x` for "none"
 * @throws ShapeError where the shapes differ, or `posWeight` does not fit the last dimension
 * @throws DTypeError unless both are float32; from `backward` where the target requires a gradient
 * @throws RangeError for an unknown `reduction`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 * @category Losses
 */
export function bceWithLogits(x: Tensor, y: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  const reduction = checkReduction(NAME, options.reduction ?? "mean");
  return apply(bceWithLogitsOp, [x, y, options.posWeight], reduction);
}
