import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryKernel, binaryOp, type Operand } from "./binary.ts";
import { negKernel } from "./neg.ts";
import { runUnary } from "./unary.ts";

export const subKernel = binaryKernel("sub");
export const subInt32Kernel = binaryKernel("subInt32");

export const subOp = binaryOp({
  name: "sub",
  gradFn: "SubBackward0",
  float32: subKernel,
  int32: subInt32Kernel,
  backward: (gradient, _a, _b, _y, needs) => [gradient, needs[1] ? runUnary(negKernel, gradient) : null],
});

/**
 * a − b, element by element.
 *
 * @param a a tensor or a number
 * @param b the same; at least one is a tensor
 * @returns the shape both broadcast to, the promoted dtype
 * @throws ShapeError where the shapes do not broadcast
 */
export const sub = (a: Operand, b: Operand): Tensor => applyBinary(subOp, a, b);
