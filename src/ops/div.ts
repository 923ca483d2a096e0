import type { NdArray } from "../array.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Tensor } from "../tensor.ts";
import { applyBinary, binaryKernel, type BinaryOp, binaryOp, type Operand, runBinary } from "./binary.ts";
import { mulKernel } from "./mul.ts";
import { negKernel } from "./neg.ts";
import { runUnary } from "./unary.ts";

export const divKernel: Kernel = binaryKernel("div");

export const divOp: BinaryOp = binaryOp({
  float32: divKernel,
  int32: divKernel,
  compute: () => "float32",
  result: () => "float32",
  backward: (gradient, _a, b, y, needs) => {
    const { shape } = gradient;
    const over = (x: NdArray): NdArray => runBinary(divKernel, x, b, shape, "float32");
    // d(a / b)/db = −(a / b) / b
    const inB = () => over(runBinary(mulKernel, runUnary(negKernel, gradient), y, shape, "float32"));
    return [needs[0] ? over(gradient) : null, needs[1] ? inB() : null];
  },
});

/**
 * `a / b`, element by element; integers are divided as float32.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns float32, the shape both broadcast to
 * @throws ShapeError where the shapes do not broadcast
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.div.html
 * @category Arithmetic
 */
export const div = (a: Operand, b: Operand): Tensor => applyBinary(divOp, a, b);
