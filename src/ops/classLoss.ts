import { newEmpty, type NdArray, run, viewAs } from "../array.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel, WORKGROUP } from "../core/kernel.ts";
import { numelOf, type Shape, sameShape, showShape } from "../core/shape.ts";
import { expectFaults } from "../faults.ts";
import type { Meta } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { castTo } from "./cast.ts";

/**
 * What becomes of the losses of a batch: their mean, their sum, or all of them as they are.
 *
 * @category Losses
 */
export type LossReduction = "mean" | "sum" | "none";

/** Throws unless `reduction` names one. */
export function checkReduction(operation: string, reduction: string): LossReduction {
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw new RangeError(`${operation}: reduction must be "mean", "sum" or "none", got ${JSON.stringify(reduction)}`);
  return reduction;
}

export const reduceLossKernel: Kernel = kernel("reduceLoss", {
  reads: ["loss", "picked"],
  writes: ["out"],
  params: { n: "u32", mean: "u32" },
  threads: () => WORKGROUP,
});

/**
 * Options of losses over class labels.
 *
 * @category Losses
 */
export interface ClassLossOptions {
  /** A factor for each class, [C], float32; 1 unless given. The mean divides by the sum of the targets' factors. */
  readonly weight?: Tensor;
  /** The label of samples that do not count, towards the mean neither; −100 by default. */
  readonly ignoreIndex?: number;
  /** What becomes of the losses; `"mean"` by default. */
  readonly reduction?: LossReduction;
}

/** How the scores of a class loss lie: [outer, classes, inner], one target for each outer and inner. */
export interface ClassLayout {
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
}

/** [C], [N, C] or [N, C, d…] as [outer, classes, inner]. */
export function classLayout(shape: Shape): ClassLayout {
  if (shape.length === 1) return { outer: 1, classes: shape[0] ?? 0, inner: 1 };
  return { outer: shape[0] ?? 0, classes: shape[1] ?? 0, inner: numelOf(shape.slice(2)) };
}

/** Checks scores, targets and weights, and tells the shape of the targets. */
export function checkClassLoss(operation: string, x: Meta, target: Meta, weight: Meta | undefined): Shape {
  if (x.dtype !== "float32") throw new DTypeError(`${operation}: expected float32 scores, got ${x.dtype}`);
  if (target.dtype !== "int32")
    throw new DTypeError(`${operation}: expected integer class labels (int32 or uint8), got ${target.dtype}`);
  if (x.shape.length === 0)
    throw new ShapeError(`${operation}: expected scores [C], [N, C] or [N, C, …], got a scalar`);
  const { classes } = classLayout(x.shape);
  const expected = x.shape.filter((_, d) => d !== 1 && x.shape.length > 1);
  if (!sameShape(target.shape, expected))
    throw new ShapeError(
      `${operation}: scores are ${showShape(x.shape)}, so labels must be ${showShape(expected)}, got ${showShape(target.shape)}`,
    );
  if (weight && !sameShape(weight.shape, [classes]))
    throw new ShapeError(
      `${operation}: weight must be [${classes}], one for each class, got ${showShape(weight.shape)}`,
    );
  if (weight && weight.dtype !== "float32")
    throw new DTypeError(`${operation}: weight must be float32, got ${weight.dtype}`);
  return expected;
}

/** Labels as int32, checked here where their values lie on the host. @throws RangeError */
export function checkLabels(operation: string, target: Tensor, classes: number, ignoreIndex: number): Tensor {
  if (!(target instanceof Tensor)) throw new TypeError(`${operation}: expected a tensor of class labels`);
  const host = target.source?.host;
  if (host === undefined) expectFaults(target.place);
  else if (target.dtype !== "float32")
    for (let i = 0; i < host.length; i++) {
      const label = host[i] as number;
      if ((label < 0 || label >= classes) && label !== ignoreIndex)
        throw new RangeError(`${operation}: label ${label} at position ${i} is outside [0, ${classes})`);
    }
  return target.dtype === "uint8" ? castTo(target, "int32") : target;
}

/** The reduced loss, and the pair [loss, factor of every row's gradient] that backward needs. */
export function reduceRows(
  loss: NdArray,
  picked: NdArray,
  shape: Shape,
  reduction: LossReduction,
): { result: NdArray; scale: NdArray } {
  const scale = newEmpty(loss, [2]);
  run(reduceLossKernel, [loss, picked, scale], numelOf(loss.shape), reduction === "mean" ? 1 : 0);
  return { result: reduction === "none" ? viewAs(loss, shape) : viewAs(scale, []), scale };
}
