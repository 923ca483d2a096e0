import type { Tensor } from "../tensor.ts";
import { applyPairLoss, type PairLossOptions, pairLossBackwardKernel, pairLossKernel, pairLossOp } from "./pairLoss.ts";

export const mseLossKernel = pairLossKernel("mseLoss");
export const mseLossBackwardKernel = pairLossBackwardKernel("mseLossBackward");

export const mseLossOp = pairLossOp("mseLoss", "MseLossBackward0", mseLossKernel, mseLossBackwardKernel, true);

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
