import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { fromResultKernel, runUnary, unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const reluKernel: Kernel = unaryKernel("relu");
export const reluBackwardKernel: Kernel = fromResultKernel("reluBackward");

export const reluOp: UnaryOp = unaryOp({
  float32: reluKernel,
  saves: "result",
  backward: (gradient, y) => runUnary(reluBackwardKernel, y, gradient),
});

/**
 * `x < 0 ? 0 : x`, element by element: NaN and −0 are kept; the gradient passes where the result is not at most 0.
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 * @category Activations
 */
export const relu = (x: Tensor): Tensor => apply(reluOp, [x], undefined);
