import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runBinary } from "./binary.ts";
import { divKernel } from "./div.ts";
import { addKernel } from "./add.ts";
import { unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const sqrtKernel: Kernel = unaryKernel("sqrt");

export const sqrtOp: UnaryOp = unaryOp({
  float32: sqrtKernel,
  saves: "result",
  backward: (gradient, y) => {
    const twice = runBinary(addKernel, y, y, y.shape, "float32");
    return runBinary(divKernel, gradient, twice, y.shape, "float32");
  },
});

/**
 * `√x`, element by element: NaN below 0.
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.sqrt.html
 * @category Arithmetic
 */
export const sqrt = (x: Tensor): Tensor => apply(sqrtOp, [x], undefined);
