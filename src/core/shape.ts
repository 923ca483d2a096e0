import { ShapeError } from "./errors.ts";

/**
 * Sizes of the dimensions, outermost first, each a non-negative integer; `[]` is a scalar.
 *
 * @category Tensors
 */
export type Shape = readonly number[];

/** Number of elements of a shape: the product of its sizes, 1 for a scalar. */
export function numelOf(shape: Shape): number {
  let n = 1;
  for (let d = 0; d < shape.length; d++) n *= shape[d] as number;
  return n;
}

/** `[2, 3]` as PyTorch writes it in messages. */
export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d] as number;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return a.length === b.length;
}

/** Throws unless every size is a non-negative safe integer. */
export function checkShape(operation: string, shape: Shape): Shape {
  for (const size of shape)
    if (!Number.isSafeInteger(size) || size < 0)
      throw new ShapeError(`${operation}: sizes must be non-negative integers, got ${showShape(shape)}`);
  if (!Number.isSafeInteger(numelOf(shape)))
    throw new ShapeError(`${operation}: ${showShape(shape)} has more elements than can be counted`);
  return shape;
}

/** A dimension counted from the end when negative; a scalar takes 0 and -1 like PyTorch. */
export function checkDim(operation: string, dim: number, ndim: number): number {
  const span = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -span || dim >= span)
    throw new RangeError(`${operation}: dim must be in [${-span}, ${span - 1}], got ${dim}`);
  return dim < 0 ? dim + span : dim;
}

/** The shape both broadcast to: aligned at the last dimension, sizes equal or 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): number[] {
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let d = 0; d < ndim; d++) {
    const m = a[a.length - ndim + d] ?? 1;
    const n = b[b.length - ndim + d] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        `${operation}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: sizes ${m} and ${n} meet at dimension ${d}`,
      );
    out[d] = m === 1 ? n : m;
  }
  return out;
}
