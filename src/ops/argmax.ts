import { newEmpty, type NdArray, run } from "../array.ts";
import { ShapeError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import { checkDim, numelOf, showShape } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type ReduceOptions, reduceKernel } from "./reduce.ts";

export const argmaxKernel: Kernel = reduceKernel("argmax");
export const argmaxInt32Kernel: Kernel = reduceKernel("argmaxInt32");
export const argmaxBytesKernel: Kernel = reduceKernel("argmaxBytes");

const KERNELS = { float32: argmaxKernel, int32: argmaxInt32Kernel, uint8: argmaxBytesKernel, bool: argmaxBytesKernel };

interface Options {
  /** Undefined: over all elements as one row. */
  readonly dim: number | undefined;
  readonly keepdim: boolean;
}

export const argmaxOp: Op<Options, readonly [x: NdArray]> = {
  name: "argmax",
  infer([{ shape }], { dim, keepdim }) {
    if ((dim === undefined ? numelOf(shape) : (shape[dim] ?? 1)) === 0)
      throw new ShapeError(`argmax: nothing to choose from in shape ${showShape(shape)}`);
    if (dim === undefined) return { shape: keepdim ? shape.map(() => 1) : [], dtype: "int32" };
    return { shape: shape.flatMap((size, d) => (d === dim ? (keepdim ? [1] : []) : [size])), dtype: "int32" };
  },
  forward({ options }, x) {
    const { dim } = options;
    const [outer, n, inner] =
      dim === undefined
        ? [1, numelOf(x.shape), 1]
        : [numelOf(x.shape.slice(0, dim)), x.shape[dim] ?? 1, numelOf(x.shape.slice(dim + 1))];
    const y = newEmpty(x, argmaxOp.infer([x], options).shape, "int32");
    run(KERNELS[x.dtype], [x, y], outer, n, inner);
    return y;
  },
};

/**
 * Where the largest element lies: the first of equals; NaN counts as largest. It has no gradient.
 *
 * @param x any shape and dtype
 * @param dim along which; without it, the index into all elements in row-major order
 * @param options `keepdim` leaves size 1 in place of `dim`
 * @returns int32, the shape of `x` without `dim`
 * @throws RangeError for a dimension that is none
 * @throws ShapeError where there is nothing to choose from
 * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
 * @category Reductions
 */
export function argmax(x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor {
  const along = dim === undefined ? undefined : checkDim("argmax", dim, x.ndim);
  return apply(argmaxOp, [x], { dim: along, keepdim: options.keepdim === true });
}
