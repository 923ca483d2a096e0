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

export const bceLossOp: PairLossOp = pairLossOp(
  "bceLoss",
  "BinaryCrossEntropyBackward0",
  bceLossKernel,
  bceLossBackwardKernel,
  false,
);

/**
 * −(y log x + (1 − y) log(1 − x)), logarithms no lower than −100.
 *
 * @param x probabilities in [0, 1], any shape, float32; checked where they lie on the host
 * @param y targets of the same shape, float32
 * @returns [] for "mean" (default) and "sum", the shape of `x` for "none"
 * @throws RangeError for a probability outside [0, 1]
 * @throws ShapeError DTypeError
 */
export function bceLoss(x: Tensor, y: Tensor, options: PairLossOptions = {}): Tensor {
  x.source?.host?.forEach((p: number, i: number) => {
    if (!(p >= 0 && p <= 1) && !Number.isNaN(p))
      throw new RangeError(
        `bceLoss: probability ${p} at position ${i} is outside [0, 1]; use bceWithLogits for raw scores`,
      );
  });
  return applyPairLoss(bceLossOp, x, y, options);
}
