import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const eqKernel: Kernel = comparisonKernel("eq");
export const eqInt32Kernel: Kernel = comparisonKernel("eqInt32");

export const eqOp: BinaryOp = binaryOp({
  float32: eqKernel,
  int32: eqInt32Kernel,
  result: () => "bool",
});

/**
 * `a = b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.eq.html
 * @category Comparisons
 */
export const eq = (a: Operand, b: Operand): Tensor => applyBinary(eqOp, a, b);
