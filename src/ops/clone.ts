import { copyStrided, type NdArray } from "../array.ts";
import { stridesOf } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

export const cloneOp: Op<undefined, readonly [x: NdArray]> = {
  name: "clone",
  strided: true,
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  forward: (_context, x) => copyStrided(x, x.shape, x.strides ?? stridesOf(x.shape)),
  backward: (_context, gradient) => [gradient],
};

/**
 * A copy with memory of its own; gradients pass through.
 *
 * @param x any shape and dtype
 * @returns the shape of `x`
 * @see https://pytorch.org/docs/stable/generated/torch.clone.html
 * @category Autograd
 */
export const clone = (x: Tensor): Tensor => apply(cloneOp, [x], undefined);
