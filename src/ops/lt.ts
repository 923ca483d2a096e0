import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const ltKernel: Kernel = comparisonKernel("lt");
export const ltInt32Kernel: Kernel = comparisonKernel("ltInt32");

export const ltOp: BinaryOp = binaryOp({
  float32: ltKernel,
  int32: ltInt32Kernel,
  result: () => "bool",
});

/**
 * `a < b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.lt.html
 * @category Comparisons
 */
export const lt = (a: Operand, b: Operand): Tensor => applyBinary(ltOp, a, b);
