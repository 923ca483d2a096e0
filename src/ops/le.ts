import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const leKernel: Kernel = comparisonKernel("le");
export const leInt32Kernel: Kernel = comparisonKernel("leInt32");

export const leOp: BinaryOp = binaryOp({
  name: "le",
  gradFn: "",
  float32: leKernel,
  int32: leInt32Kernel,
  result: () => "bool",
});

/**
 * a ≤ b, element by element; it has no gradient.
 *
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 */
export const le = (a: Operand, b: Operand): Tensor => applyBinary(leOp, a, b);
