import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { fromResultKernel, runUnary, unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const sigmoidKernel: Kernel = unaryKernel("sigmoid");
export const sigmoidBackwardKernel: Kernel = fromResultKernel("sigmoidBackward");

export const sigmoidOp: UnaryOp = unaryOp({
  float32: sigmoidKernel,
  saves: "result",
  backward: (gradient, y) => runUnary(sigmoidBackwardKernel, y, gradient),
});

/**
 * `1 / (1 + e⁻ˣ)`, element by element, in [0, 1].
 *
 * @param x any shape, float32
 * @returns the shape of `x`
 * @throws DTypeError for other dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.sigmoid.html
 * @category Activations
 */
export const sigmoid = (x: Tensor): Tensor => apply(sigmoidOp, [x], undefined);
