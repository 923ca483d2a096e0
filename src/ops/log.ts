import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runBinary } from "./binary.ts";
import { divKernel } from "./div.ts";
import { unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const logKernel: Kernel = unaryKernel("log");

export const logOp: UnaryOp = unaryOp({
  float32: logKernel,
  saves: "input",
  backward: (gradient, x) => runBinary(divKernel, gradient, x, x.shape, "float32"),
});

/**
 * `ln x`, the natural logarithm, element by element: −∞ at 0, NaN below.
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.log.html
 * @category Arithmetic
 */
export const log = (x: Tensor): Tensor => apply(logOp, [x], undefined);
