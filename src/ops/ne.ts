import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const neKernel: Kernel = comparisonKernel("ne");
export const neInt32Kernel: Kernel = comparisonKernel("neInt32");

export const neOp: BinaryOp = binaryOp({
  name: "ne",
  gradFn: "",
  float32: neKernel,
  int32: neInt32Kernel,
  result: () => "bool",
});

/**
 * a ≠ b, element by element; it has no gradient.
 *
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 */
export const ne = (a: Operand, b: Operand): Tensor => applyBinary(neOp, a, b);
