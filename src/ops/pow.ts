import { newEmpty, type NdArray, run } from "../array.ts";
import { fill } from "../autograd.ts";
import type { Kernel } from "../core/kernel.ts";
import { Tensor } from "../tensor.ts";
import { addKernel } from "./add.ts";
import { applyBinary, binaryKernel, type BinaryOp, binaryOp, type Operand, runBinary } from "./binary.ts";
import { eqKernel } from "./eq.ts";
import { geKernel } from "./ge.ts";
import { logKernel } from "./log.ts";
import { mulKernel } from "./mul.ts";
import { subKernel } from "./sub.ts";
import { castArray } from "./cast.ts";
import { runUnary } from "./unary.ts";

export const powKernel: Kernel = binaryKernel("pow");
export const powInt32Kernel: Kernel = binaryKernel("powInt32");

const product = (a: NdArray, b: NdArray, like: NdArray): NdArray => runBinary(mulKernel, a, b, like.shape, "float32");

function number(like: NdArray, value: number): NdArray {
  const array = newEmpty(like, []);
  run(fill, [array], 1, value);
  return array;
}

/** 1 where x is not `value`, else 0: what multiplies a gradient that PyTorch sets to 0 there. */
function unless(x: NdArray, value: number): NdArray {
  const same = runBinary(eqKernel, x, number(x, value), x.shape, "bool");
  return runBinary(subKernel, number(x, 1), castArray(same, "float32"), x.shape, "float32");
}

/** g b a^(b − 1), and 0 where b is 0. */
function inBase(gradient: NdArray, a: NdArray, b: NdArray): NdArray {
  const less = runBinary(subKernel, b, number(b, 1), b.shape, "float32");
  // A base of 0 under an exponent of 0 would give 0 · ∞.
  const power = runBinary(
    powKernel,
    a,
    runBinary(mulKernel, less, unless(b, 0), b.shape, "float32"),
    gradient.shape,
    "float32",
  );
  return product(product(gradient, b, gradient), power, gradient);
}

/** g a^b ln a, and 0 where a is 0 under an exponent not below 0 (ln a would be −∞). */
function inExponent(gradient: NdArray, a: NdArray, b: NdArray, y: NdArray): NdArray {
  const is = (kernel: Kernel, x: NdArray) => castArray(runBinary(kernel, x, number(x, 0), x.shape, "bool"), "float32");
  const masked = product(is(eqKernel, a), is(geKernel, b), y);
  const safe = runBinary(addKernel, a, masked, y.shape, "float32");
  return product(product(gradient, y, gradient), runUnary(logKernel, safe), gradient);
}

const rule = {
  float32: powKernel,
  int32: powInt32Kernel,
  backward: (gradient: NdArray, a: NdArray, b: NdArray, y: NdArray, needs: readonly boolean[]) => [
    needs[0] ? inBase(gradient, a, b) : null,
    needs[1] ? inExponent(gradient, a, b, y) : null,
  ],
};

/** PyTorch names the two apart: an exponent that is a number, and one that is a tensor. */
export const powOp: BinaryOp = binaryOp({ ...rule, gradFn: "PowBackward0" });
export const powTensorOp: BinaryOp = binaryOp({ ...rule, gradFn: "PowBackward1" });

/**
 * `aᵇ`, element by element.
 *
 * @param a a tensor or a number
 * @param b the same; at least one of the two is a tensor
 * @returns the shape both broadcast to, the promoted dtype
 * @throws ShapeError where the shapes do not broadcast
 * @throws RangeError for an integer tensor to the power of a negative integer number; a negative element of an integer
 *   tensor gives 1 / aᵇ truncated, as in PyTorch
 * @throws DTypeError where neither is a tensor
 * @see https://pytorch.org/docs/stable/generated/torch.pow.html
 * @category Arithmetic
 */
export function pow(a: Operand, b: Operand): Tensor {
  if (typeof b !== "number") return applyBinary(powTensorOp, a, b);
  if (Number.isInteger(b) && b < 0 && a instanceof Tensor && a.dtype !== "float32")
    throw new RangeError(
      `pow: ${a.dtype} has no negative powers, got the exponent ${b}; convert the base with .to("float32")`,
    );
  return applyBinary(powOp, a, b);
}
