import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const neKernel: Kernel = comparisonKernel("ne");
export const neInt32Kernel: Kernel = comparisonKernel("neInt32");

export const neOp: BinaryOp = binaryOp({
  float32: neKernel,
  int32: neInt32Kernel,
  result: () => "bool",
});

/**
 * `a ≠ b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.ne.html
 * @category Comparisons
 */
export const ne = (a: Operand, b: Operand): Tensor => applyBinary(neOp, a, b);
