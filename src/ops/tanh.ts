import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { fromResultKernel, runUnary, unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const tanhKernel: Kernel = unaryKernel("tanh");
export const tanhBackwardKernel: Kernel = fromResultKernel("tanhBackward");

export const tanhOp: UnaryOp = unaryOp({
  float32: tanhKernel,
  saves: "result",
  backward: (gradient, y) => runUnary(tanhBackwardKernel, y, gradient),
});

/**
 * `tanh x`, element by element, in [−1, 1].
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.tanh.html
 * @category Activations
 */
export const tanh = (x: Tensor): Tensor => apply(tanhOp, [x], undefined);
