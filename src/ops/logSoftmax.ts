import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { alongKernel, type AlongOp, alongOp, checkAlong } from "./along.ts";

export const logSoftmaxKernel: Kernel = alongKernel("logSoftmax", ["x"]);
export const logSoftmaxBackwardKernel: Kernel = alongKernel("logSoftmaxBackward", ["y", "dy"]);

export const logSoftmaxOp: AlongOp = alongOp(logSoftmaxKernel, logSoftmaxBackwardKernel);

/**
 * `x − log Σ eˣ` along a dimension, without the loss of digits of log(softmax(x)).
 *
 * @param x any shape, float32
 * @param dim the dimension, from the end when negative
 * @returns the shape of `x`
 * @throws RangeError for a dimension that is none
 * @throws TypeError where `dim` is no number: it has no default
 * @throws DTypeError unless float32
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 * @category Activations
 */
export const logSoftmax = (x: Tensor, dim: number): Tensor =>
  apply(logSoftmaxOp, [x], checkAlong("logSoftmax", x, dim));
