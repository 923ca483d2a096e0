import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { alongKernel, type AlongOp, alongOp, checkAlong } from "./along.ts";

export const softmaxKernel: Kernel = alongKernel("softmax", ["x"]);
export const softmaxBackwardKernel: Kernel = alongKernel("softmaxBackward", ["y", "dy"]);

export const softmaxOp: AlongOp = alongOp(softmaxKernel, softmaxBackwardKernel);

/**
 * `eˣ / Σ eˣ` along a dimension, so that what lies along it sums to 1.
 *
 * @param x any shape, float32
 * @param dim the dimension, from the end when negative
 * @returns the shape of `x`
 * @throws RangeError for a dimension that is none
 * @throws TypeError where `dim` is no number: it has no default
 * @throws DTypeError unless float32
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 * @category Activations
 */
export const softmax = (x: Tensor, dim: number): Tensor => apply(softmaxOp, [x], checkAlong("softmax", x, dim));
