import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const geKernel: Kernel = comparisonKernel("ge");
export const geInt32Kernel: Kernel = comparisonKernel("geInt32");

export const geOp: BinaryOp = binaryOp({
  float32: geKernel,
  int32: geInt32Kernel,
  result: () => "bool",
});

/**
 * `a ≥ b`, element by element; it has no gradient.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.ge.html
 * @category Comparisons
 */
export const ge = (a: Operand, b: Operand): Tensor => applyBinary(geOp, a, b);
