import { broadcastArray, newEmpty, type NdArray, run, viewAs } from "../array.ts";
import { fill } from "../autograd.ts";
import { DTypeError } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import { numelOf, type Shape } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runBinary } from "./binary.ts";
import { divKernel } from "./div.ts";
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

export const meanKernel: Kernel = reduceKernel("mean");

interface Options extends Reduction {
  shape: Shape;
}

export const meanOp: Op<Options, readonly [x: NdArray]> = {
  name: "mean",
  gradFn: ({ dims }) => (dims ? "MeanBackward1" : "MeanBackward0"),
  infer([x], options) {
    if (x.dtype !== "float32")
      throw new DTypeError(`mean: expected float32, got ${x.dtype}; convert it with .to("float32")`);
    return { shape: reducedShape(x.shape, options), dtype: "float32" };
  },
  forward: (context, x) => reduceArray(x, context.options, meanKernel, meanKernel, "float32"),
  backward({ options }, gradient) {
    const { shape } = options;
    const kept = viewAs(gradient, keptShape(shape, options));
    const count = newEmpty(gradient, []);
    run(fill, [count], 1, numelOf(shape) / Math.max(numelOf(gradient.shape), 1));
    return [broadcastArray(runBinary(divKernel, kept, count, kept.shape, "float32"), shape)];
  },
};

/**
 * `Σ x / n` over dimensions, all by default; NaN where n is 0.
 *
 * @param x any shape, float32
 * @param dims one dimension or several, from the end when negative; an empty list takes all
 * @param options `keepdim` leaves size 1 in place of what was averaged
 * @returns the shape of `x` without those dimensions
 * @throws DTypeError unless float32
 * @throws RangeError for a dimension that is none, or that is named twice
 * @see https://pytorch.org/docs/stable/generated/torch.mean.html
 * @category Reductions
 */
export function mean(x: Tensor, dims?: Dims, options: ReduceOptions = {}): Tensor {
  return apply(meanOp, [x], { ...reductionOf("mean", x.shape, dims, options), shape: x.shape });
}
