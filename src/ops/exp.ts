import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runBinary } from "./binary.ts";
import { mulKernel } from "./mul.ts";
import { unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const expKernel: Kernel = unaryKernel("exp");

export const expOp: UnaryOp = unaryOp({
  float32: expKernel,
  saves: "result",
  backward: (gradient, y) => runBinary(mulKernel, gradient, y, y.shape, "float32"),
});

/**
 * `eˣ`, element by element.
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.exp.html
 * @category Arithmetic
 */
export const exp = (x: Tensor): Tensor => apply(expOp, [x], undefined);
