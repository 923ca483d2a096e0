import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, type BinaryOp, binaryOp, comparisonKernel, type Operand } from "./binary.ts";

export const gtKernel: Kernel = comparisonKernel("gt");
export const gtInt32Kernel: Kernel = comparisonKernel("gtInt32");

export const gtOp: BinaryOp = binaryOp({
  name: "gt",
  gradFn: "",
  float32: gtKernel,
  int32: gtInt32Kernel,
  result: () => "bool",
});

/**
 * a > b, element by element; it has no gradient.
 *
 * @returns bool, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 */
export const gt = (a: Operand, b: Operand): Tensor => applyBinary(gtOp, a, b);
