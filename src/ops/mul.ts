import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryKernel, type BinaryOp, binaryOp, type Operand, runBinary } from "./binary.ts";

export const mulKernel: Kernel = binaryKernel("mul");
export const mulInt32Kernel: Kernel = binaryKernel("mulInt32");

export const mulOp: BinaryOp = binaryOp({
  float32: mulKernel,
  int32: mulInt32Kernel,
  backward: (gradient, a, b, _y, needs) => [
    needs[0] ? runBinary(mulKernel, gradient, b, gradient.shape, "float32") : null,
    needs[1] ? runBinary(mulKernel, gradient, a, gradient.shape, "float32") : null,
  ],
});

/**
 * `a · b`, element by element.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns the shape both broadcast to, the promoted dtype
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.mul.html
 * @category Arithmetic
 */
export const mul = (a: Operand, b: Operand): Tensor => applyBinary(mulOp, a, b);
