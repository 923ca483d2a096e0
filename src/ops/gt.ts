import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const gtKernel: Kernel = comparisonKernel("gt");
export const gtInt32Kernel: Kernel = comparisonKernel("gtInt32");

export const gtOp: BinaryOp = binaryOp({
  float32: gtKernel,
  int32: gtInt32Kernel,
  result: () => "bool",
});

/**
 * `a > b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.gt.html
 * @category Comparisons
 */
export const gt = (a: Operand, b: Operand): Tensor => applyBinary(gtOp, a, b);
