import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const leKernel = comparisonKernel("le");
export const leInt32Kernel = comparisonKernel("leInt32");

export const leOp = binaryOp({
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
