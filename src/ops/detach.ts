import type { NdArray } from "../array.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

export const detachOp: Op<undefined, readonly [x: NdArray]> = {
  name: "detach",
  strided: true,
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  forward: (_context, x) => x,
};

/**
 * The same elements outside the graph; shares memory.
 *
 * @param x any shape and dtype
 * @returns the shape of `x`
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.detach.html
 * @category Autograd
 */
export const detach = (x: Tensor): Tensor => apply(detachOp, [x], undefined);
