import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const leKernel: Kernel = comparisonKernel("le");
export const leInt32Kernel: Kernel = comparisonKernel("leInt32");

export const leOp: BinaryOp = binaryOp({
  float32: leKernel,
  int32: leInt32Kernel,
  result: () => "bool",
});

/**
 * `a ≤ b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.le.html
 * @category Comparisons
 */
export const le = (a: Operand, b: Operand): Tensor => applyBinary(leOp, a, b);
