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

export const mseLossKernel: Kernel = pairLossKernel("mseLoss");
export const mseLossBackwardKernel: Kernel = pairLossBackwardKernel("mseLossBackward");

export const mseLossOp: PairLossOp = pairLossOp("mseLoss", mseLossKernel, mseLossBackwardKernel, true);

/**
 * `(x − y)²`, the squared error, element by element.
 *
 * @param x predictions, any shape, float32
 * @param y targets of the same shape, float32
 * @param options `reduction`: what becomes of the losses
 * @returns [] for "mean" (default) and "sum", the shape of `x` for "none"
 * @throws ShapeError where the shapes differ: they are not broadcast, which hides mistakes
 * @throws DTypeError unless both are float32
 * @throws RangeError for an unknown `reduction`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 * @category Losses
 */
export const mseLoss = (x: Tensor, y: Tensor, options: PairLossOptions = {}): Tensor =>
  applyPairLoss(mseLossOp, x, y, options);
