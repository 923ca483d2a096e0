import type { NdArray } from "../array.ts";
import { ShapeError } from "../core/errors.ts";
import { checkDim, type Shape, showShape, stridesOf } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

interface Options {
  readonly first: number;
  readonly second: number;
  readonly gradFn: string;
}

function swapped<T>(list: readonly T[], { first, second }: Options): T[] {
  const copy = [...list];
  copy[first] = list[second] as T;
  copy[second] = list[first] as T;
  return copy;
}

const view = (x: NdArray, options: Options): NdArray => {
  const strides = swapped(x.strides ?? stridesOf(x.shape), options);
  const shape = swapped(x.shape, options);
  return { ...x, shape, strides: inOrder(shape, strides) ? undefined : strides };
};

/** True where elements walked with these strides lie one after the other; the stride of a single element is never used. */
function inOrder(shape: Shape, strides: readonly number[]): boolean {
  const straight = stridesOf(shape);
  return shape.every((size, d) => size <= 1 || strides[d] === straight[d]);
}

/** The same elements with two dimensions exchanged: a view, only the strides change. */
export const transposeOp: Op<Options, readonly [x: NdArray]> = {
  name: "transpose",
  gradFn: ({ gradFn }) => gradFn,
  strided: true,
  infer: ([{ shape, dtype }], options) => ({ shape: swapped(shape, options), dtype }),
  forward: ({ options }, x) => view(x, options),
  backward: ({ options }, gradient) => [view(gradient, options)],
};

/**
 * Exchanges two dimensions; shares memory.
 *
 * @param x any shape and dtype
 * @param dim0 from the end when negative
 * @param dim1 the same
 * @returns the shape of `x` with the two sizes exchanged
 * @throws RangeError for a dimension that is none
 * @see https://pytorch.org/docs/stable/generated/torch.transpose.html
 * @category Shapes
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const first = checkDim("transpose", dim0, x.ndim);
  const second = checkDim("transpose", dim1, x.ndim);
  if (x.ndim === 0) return x;
  return apply(transposeOp, [x], { first, second, gradFn: "TransposeBackward0" });
}

/**
 * The transpose of a matrix; shares memory.
 *
 * @param x [m, n], any dtype
 * @returns [n, m]; a tensor of fewer dimensions itself
 * @throws ShapeError for more than two dimensions
 * @see https://pytorch.org/docs/stable/generated/torch.t.html
 * @category Shapes
 */
export function t(x: Tensor): Tensor {
  if (x.ndim > 2)
    throw new ShapeError(`t: expected at most 2 dimensions, got ${showShape(x.shape)}; use transpose(dim0, dim1)`);
  return x.ndim < 2 ? x : apply(transposeOp, [x], { first: 0, second: 1, gradFn: "TBackward0" });
}
