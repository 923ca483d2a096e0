import { add as addKernel } from "../autograd.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryKernel, type BinaryOp, binaryOp, type Operand } from "./binary.ts";

export { addKernel };
export const addInt32Kernel: Kernel = binaryKernel("addInt32");

export const addOp: BinaryOp = binaryOp({
  float32: addKernel,
  int32: addInt32Kernel,
  backward: (gradient) => [gradient, gradient],
});

/**
 * `a + b`, element by element.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns the shape both broadcast to, the promoted dtype
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.add.html
 * @category Arithmetic
 */
export const add = (a: Operand, b: Operand): Tensor => applyBinary(addOp, a, b);
