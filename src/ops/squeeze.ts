import type { NdArray } from "../array.ts";
import { checkDim, type Shape } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

interface Options {
  readonly from: Shape;
  readonly to: Shape;
  readonly gradFn: string;
}

/** The elements under a shape that has other dimensions of size 1: a view, the strides of the rest stay. */
function view(x: NdArray, shape: Shape): NdArray {
  const steps = x.strides?.filter((_, d) => x.shape[d] !== 1);
  return { ...x, shape, strides: steps && shape.map((size) => (size === 1 ? 0 : (steps.shift() ?? 0))) };
}

/** Adds or drops dimensions of size 1. */
export const squeezeOp: Op<Options, readonly [x: NdArray]> = {
  name: "squeeze",
  gradFn: ({ gradFn }) => gradFn,
  strided: true,
  infer: ([{ dtype }], { to }) => ({ shape: to, dtype }),
  forward: ({ options }, x) => view(x, options.to),
  backward: ({ options }, gradient) => [view(gradient, options.from)],
};

const reshaped = (x: Tensor, to: Shape, gradFn: string): Tensor => apply(squeezeOp, [x], { from: x.shape, to, gradFn });

/**
 * A dimension of size 1 before dimension `dim`; shares memory.
 *
 * @param x any shape and dtype
 * @param dim −ndim − 1 ≤ dim ≤ ndim
 * @returns the shape of `x` with a 1 at `dim`
 * @throws RangeError for any other `dim`
 * @see https://pytorch.org/docs/stable/generated/torch.unsqueeze.html
 * @category Shapes
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const at = checkDim("unsqueeze", dim, x.ndim + 1);
  return reshaped(x, x.shape.toSpliced(at, 0, 1), "UnsqueezeBackward0");
}

/**
 * Without dimension `dim` if its size is 1, or without all dimensions of size 1; shares memory.
 *
 * @param x any shape and dtype
 * @param dim from the end when negative; all unless given
 * @returns the shape that is left; `x` itself where the size of `dim` is not 1
 * @throws RangeError for a dimension that is none
 * @see https://pytorch.org/docs/stable/generated/torch.squeeze.html
 * @category Shapes
 */
export function squeeze(x: Tensor, dim?: number): Tensor {
  if (dim === undefined) {
    const rest = x.shape.filter((size) => size !== 1);
    return reshaped(x, rest, "SqueezeBackward0");
  }
  const at = checkDim("squeeze", dim, x.ndim);
  return x.shape[at] === 1 ? reshaped(x, x.shape.toSpliced(at, 1), "SqueezeBackward1") : x;
}
