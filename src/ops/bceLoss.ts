import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import {
  applyPairLoss,
  pairLossBackwardKernel,
  pairLossKernel,
  type PairLossOp,
  pairLossOp,
  type PairLossOptions,
} from "./pairLoss.ts";

export const bceLossKernel: Kernel = pairLossKernel("bceLoss");
export const bceLossBackwardKernel: Kernel = pairLossBackwardKernel("bceLossBackward");

export const bceLossOp: PairLossOp = pairLossOp("binaryCrossEntropy", bceLossKernel, bceLossBackwardKernel, false);

/**
 * `−(y log x + (1 − y) log(1 − x))`, element by element, with logarithms no lower than −100.
 *
 * @param x probabilities in [0, 1], any shape, float32; checked where they lie on the host
 * @param y targets in [0, 1] of the same shape, float32
 * @param options `reduction`: what becomes of the losses
 * @returns [] for "mean" (default) and "sum", the shape of `x` for "none"
 * @throws RangeError for a probability outside [0, 1] that lies on the host (one that an operation made gives NaN), and an
 *   unknown `reduction`
 * @throws ShapeError where the shapes differ
 * @throws DTypeError unless both are float32; from `backward` where the target requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 * @category Losses
 */
export function bceLoss(x: Tensor, y: Tensor, options: PairLossOptions = {}): Tensor {
  x.source?.host?.forEach((p: number, i: number) => {
    if (!(p >= 0 && p <= 1) && !Number.isNaN(p))
      throw new RangeError(
        `binaryCrossEntropy: probability ${p} at position ${i} is outside [0, 1]; use binaryCrossEntropyWithLogits for raw scores`,
      );
  });
  return applyPairLoss(bceLossOp, x, y, options);
}
