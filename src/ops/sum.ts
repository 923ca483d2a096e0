import { broadcastArray, type NdArray, viewAs } from "../array.ts";
import type { DType } from "../core/dtype.ts";
import type { Kernel } from "../core/kernel.ts";
import { apply, type Context, type Op } from "../op.ts";
import type { Shape } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  type Dims,
  keptShape,
  type ReduceOptions,
  type Reduction,
  reduceArray,
  reducedShape,
  reduceKernel,
  reductionOf,
} from "./reduce.ts";

export const sumKernel: Kernel = reduceKernel("sum");
export const sumInt32Kernel: Kernel = reduceKernel("sumInt32");
export const sumBytesKernel: Kernel = reduceKernel("sumBytes");

interface Options extends Reduction {
  shape: Shape;
}

const FIRST = { float32: sumKernel, int32: sumInt32Kernel, uint8: sumBytesKernel, bool: sumBytesKernel };
const resultOf = (dtype: DType): DType => (dtype === "float32" ? "float32" : "int32");

export const sumOp: Op<Options, readonly [x: NdArray]> = {
  name: "sum",
  gradFn: ({ dims }) => (dims ? "SumBackward1" : "SumBackward0"),
  infer: ([x], options) => ({ shape: reducedShape(x.shape, options), dtype: resultOf(x.dtype) }),
  forward: (context, x) =>
    reduceArray(
      x,
      context.options,
      FIRST[x.dtype],
      x.dtype === "float32" ? sumKernel : sumInt32Kernel,
      resultOf(x.dtype),
    ),
  backward: ({ options }: Context<Options>, gradient) => [
    broadcastArray(viewAs(gradient, keptShape(options.shape, options)), options.shape),
  ],
};

/**
 * `Σ x` over dimensions, all by default. bool and uint8 are summed as int32, which wraps at 2³².
 *
 * @param x any shape and dtype
 * @param dims one dimension or several, from the end when negative; an empty list takes all
 * @param options `keepdim` leaves size 1 in place of what was summed
 * @returns the shape of `x` without those dimensions, float32 or int32
 * @throws RangeError for a dimension that is none, or that is named twice
 * @see https://pytorch.org/docs/stable/generated/torch.sum.html
 * @category Reductions
 */
export function sum(x: Tensor, dims?: Dims, options: ReduceOptions = {}): Tensor {
  return apply(sumOp, [x], { ...reductionOf("sum", x.shape, dims, options), shape: x.shape });
}
