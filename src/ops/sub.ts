import { DTypeError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryKernel, type BinaryOp, binaryOp, type Operand } from "./binary.ts";
import { negKernel } from "./neg.ts";
import { runUnary } from "./unary.ts";

export const subKernel: Kernel = binaryKernel("sub");
export const subInt32Kernel: Kernel = binaryKernel("subInt32");

const op: BinaryOp = binaryOp({
  float32: subKernel,
  int32: subInt32Kernel,
  backward: (gradient, _a, _b, _y, needs) => [gradient, needs[1] ? runUnary(negKernel, gradient) : null],
});

export const subOp: BinaryOp = {
  ...op,
  infer(inputs, options) {
    if (inputs[0].dtype === "bool" && inputs[1].dtype === "bool")
      throw new DTypeError(
        'sub: the difference of two bool tensors is no bool; use ne() for "one of the two", or convert with .to("int32")',
      );
    return op.infer(inputs, options);
  },
};

/**
 * `a − b`, element by element.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns the shape both broadcast to, the promoted dtype
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError for two bool tensors, and where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.sub.html
 * @category Arithmetic
 */
export const sub = (a: Operand, b: Operand): Tensor => applyBinary(subOp, a, b);
