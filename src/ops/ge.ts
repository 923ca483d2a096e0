import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const geKernel: Kernel = comparisonKernel("ge");
export const geInt32Kernel: Kernel = comparisonKernel("geInt32");

export const geOp: BinaryOp = binaryOp({
  name: "ge",
  gradFn: "",
  float32: geKernel,
  int32: geInt32Kernel,
  result: () => "bool",
});

/**
 * a ≥ b, element by element; it has no gradient.
 *
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 */
export const ge = (a: Operand, b: Operand): Tensor => applyBinary(geOp, a, b);
