import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runUnary, unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const negKernel: Kernel = unaryKernel("neg");
export const negInt32Kernel: Kernel = unaryKernel("negInt32");

export const negOp: UnaryOp = unaryOp({
  float32: negKernel,
  int32: negInt32Kernel,
  saves: "result",
  backward: (gradient) => runUnary(negKernel, gradient),
});

/**
 * `−x`, element by element.
 *
 * @param x any shape, float32 or int32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.neg.html
 * @category Arithmetic
 */
export const neg = (x: Tensor): Tensor => apply(negOp, [x], undefined);
