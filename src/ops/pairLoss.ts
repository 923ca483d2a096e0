import { newEmpty, type NdArray, run } from "../array.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { numelOf, type Shape, sameShape, showShape } from "../core/shape.ts";
import { apply, type Context, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkReduction, type LossReduction } from "./classLoss.ts";
import { meanKernel } from "./mean.ts";
import { sumKernel } from "./sum.ts";

type Inputs = readonly [x: NdArray, y: NdArray];

/** The signature of a kernel out[i] = loss(x[i], y[i]). */
export const pairLossKernel = (name: string): Kernel =>
  kernel(name, { reads: ["x", "y"], writes: ["out"], params: { n: "u32" } });

/** The signature of its derivative in x, times dy and a scale. */
export const pairLossBackwardKernel = (name: string): Kernel =>
  kernel(name, { reads: ["x", "y", "dy"], writes: ["dx"], params: { n: "u32", dyStep: "u32", scale: "f32" } });

/**
 * Options of losses over pairs of elements.
 *
 * @category Losses
 */
export interface PairLossOptions {
  /** What becomes of the losses; `"mean"` by default. */
  readonly reduction?: LossReduction;
}

/** Losses of elements, reduced: all as they are, or one number. */
export function reducePairs(losses: NdArray, reduction: LossReduction): NdArray {
  if (reduction === "none") return losses;
  const y = newEmpty(losses, []);
  run(reduction === "mean" ? meanKernel : sumKernel, [losses, y], 1, numelOf(losses.shape), 1);
  return y;
}

/** The step through dy and the factor that the reduction puts on every element's gradient. */
export const pairScale = (n: number, reduction: LossReduction): [dyStep: number, scale: number] => [
  reduction === "none" ? 1 : 0,
  reduction === "mean" ? 1 / n : 1,
];

/** Throws unless predictions and targets are float32 of one shape. */
export function checkPair(
  operation: string,
  x: { shape: Shape; dtype: string },
  y: { shape: Shape; dtype: string },
): void {
  for (const { dtype } of [x, y])
    if (dtype !== "float32")
      throw new DTypeError(`${operation}: expected float32, got ${dtype}; convert it with .to("float32")`);
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError(
      `${operation}: input is ${showShape(x.shape)} but target is ${showShape(y.shape)}; they must be the same, reshape one of them`,
    );
}

/** What `pairLossOp` makes: its one option is the reduction. */
export type PairLossOp = Op<LossReduction, Inputs>;

/** A loss of pairs of elements. `symmetric`: the derivative in y is that of x with the sign turned. */
export function pairLossOp(name: string, forward: Kernel, backward: Kernel, symmetric: boolean): PairLossOp {
  return {
    name,
    infer([x, y], reduction) {
      checkPair(name, x, y);
      return { shape: reduction === "none" ? x.shape : [], dtype: "float32" };
    },
    forward(context, x, y) {
      const losses = newEmpty(x);
      run(forward, [x, y, losses], numelOf(x.shape));
      context.save(x, y);
      return reducePairs(losses, context.options);
    },
    backward(context: Context<LossReduction>, gradient) {
      const [x, y] = context.saved as [NdArray, NdArray];
      const n = numelOf(x.shape);
      const derivative = (a: NdArray, b: NdArray) => {
        const dx = newEmpty(x);
        run(backward, [a, b, gradient, dx], n, ...pairScale(n, context.options));
        return dx;
      };
      if (context.needs[1] && !symmetric)
        throw new DTypeError(`${name}: the target must not require a gradient; use target.detach()`);
      return [context.needs[0] ? derivative(x, y) : null, context.needs[1] ? derivative(y, x) : null];
    },
  };
}

/** Applies a loss of pairs. */
export function applyPairLoss(op: PairLossOp, x: Tensor, y: Tensor, options: PairLossOptions): Tensor {
  return apply(op, [x, y], checkReduction(op.name, options.reduction ?? "mean"));
}
