import { newEmpty, type NdArray, run, viewAs } from "../array.ts";
import type { DType } from "../core/dtype.ts";
import { type Kernel, kernel, WORKGROUP } from "../core/kernel.ts";
import { checkDim, numelOf, type Shape } from "../core/shape.ts";

/**
 * Which dimensions a reduction takes: one, several, or all where undefined or empty. Each counts from the end when negative,
 * −ndim ≤ dim < ndim.
 *
 * @category Reductions
 */
export type Dims = number | readonly number[] | undefined;

/**
 * How a reduction leaves the shape.
 *
 * @category Reductions
 */
export interface ReduceOptions {
  /** Keeps reduced dimensions, with size 1; false by default. */
  keepdim?: boolean;
}

/** Options of a reducing operation, with its dimensions counted from the front and in order. */
export interface Reduction {
  /** Undefined where all dimensions go and the caller named none. */
  readonly dims: readonly number[] | undefined;
  readonly keepdim: boolean;
}

/** The signature of a kernel that reduces the middle of [outer, n, inner]; its shader gives a long row a workgroup. */
export const reduceKernel = (name: string): Kernel =>
  kernel(name, {
    reads: ["x"],
    writes: ["y"],
    params: { outer: "u32", n: "u32", inner: "u32" },
    threads: ([outer = 0, n = 0, inner = 0]) => outer * (inner === 1 && n > WORKGROUP ? WORKGROUP : inner),
  });

/** Checks dimensions against a shape. @throws RangeError for one that is none, or that is named twice */
export function reductionOf(operation: string, shape: Shape, dims: Dims, options: ReduceOptions): Reduction {
  const keepdim = options.keepdim === true;
  if (dims === undefined) return { dims: undefined, keepdim };
  const list = (typeof dims === "number" ? [dims] : dims).map((dim) => checkDim(operation, dim, shape.length));
  if (new Set(list).size !== list.length)
    throw new RangeError(`${operation}: a dimension is named twice in [${list.join(", ")}]`);
  // PyTorch takes an empty list for all dimensions.
  return { dims: list.length === 0 ? undefined : list.sort((a, b) => a - b), keepdim };
}

const isReduced = ({ dims }: Reduction, d: number): boolean => dims === undefined || dims.includes(d);

/** The shape that is left. */
export function reducedShape(shape: Shape, reduction: Reduction): number[] {
  return shape.flatMap((size, d) => (isReduced(reduction, d) ? (reduction.keepdim ? [1] : []) : [size]));
}

/** The shape that is left with reduced dimensions kept as 1, along which a gradient broadcasts back. */
export const keptShape = (shape: Shape, reduction: Reduction): number[] =>
  reducedShape(shape, { ...reduction, keepdim: true });

/** Reduces run after run of neighbouring dimensions with one kernel each, the first of them from the input's dtype. */
export function reduceArray(x: NdArray, reduction: Reduction, first: Kernel, rest: Kernel, dtype: DType): NdArray {
  let array = x;
  let shape = [...x.shape];
  let kernel = first;
  for (let d = shape.length - 1; d >= -1; d--) {
    const whole = d === -1 && kernel === first; // nothing to reduce, as in a scalar: still one pass, for the dtype
    if (!whole && (d < 0 || !isReduced(reduction, d))) continue;
    let start = Math.max(d, 0);
    while (start > 0 && isReduced(reduction, start - 1)) start--;
    const n = whole ? 1 : numelOf(shape.slice(start, d + 1));
    const outer = whole ? numelOf(shape) : numelOf(shape.slice(0, start));
    const inner = whole ? 1 : numelOf(shape.slice(d + 1));
    if (!whole) shape = [...shape.slice(0, start), ...Array<number>(d + 1 - start).fill(1), ...shape.slice(d + 1)];
    const y = newEmpty(x, shape, dtype);
    run(kernel, [array, y], outer, n, inner);
    array = y;
    kernel = rest;
    d = Math.min(d, start);
  }
  return viewAs(array, reducedShape(x.shape, reduction));
}
