import { broadcastArray, newEmpty, type NdArray, run, viewAs } from "../array.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { broadcastShapes, numelOf, type Shape, showShape, stridesOf } from "../core/shape.ts";
import { apply, type Context, type Meta, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { reduceTo } from "./broadcast.ts";

/** Invocations for a product of `batch` m × n matrices: a block of 4 × 4 elements each. */
export const blockThreads = (batch: number, m: number, n: number): number =>
  batch * Math.ceil(m / 4) * Math.ceil(n / 4);

export const matmulKernel: Kernel = kernel("matmul", {
  reads: ["a", "b"],
  writes: ["y"],
  workspace: true,
  params: {
    batch: "u32",
    m: "u32",
    n: "u32",
    k: "u32",
    aBatch: "u32",
    aRow: "u32",
    aCol: "u32",
    bBatch: "u32",
    bRow: "u32",
    bCol: "u32",
  },
  threads: ([batch = 0, m = 0, n = 0]) => blockThreads(batch, m, n),
  // By rows of the one product, or by products.
  split: {
    pieces: ([batch = 0, m = 0]) => (batch === 1 ? m : batch),
    grain: 2,
    params: ([batch = 0, m = 0, ...rest], _first, count) => (batch === 1 ? [1, count, ...rest] : [count, m, ...rest]),
    slices: ([batch = 0, m = 0, n = 0, k = 0, aBatch = 0, aRow = 0, aCol = 0, bBatch = 0]) => {
      if (batch === 1) return [aCol === 1 && aRow >= k ? 4 * aRow : { step: 4 * aRow }, 0, 4 * n];
      return [{ step: 4 * aBatch }, { step: 4 * bBatch }, 4 * m * n];
    },
    cost: ([batch = 0, m = 0, n = 0, k = 0]) => 2 * n * k * (batch === 1 ? 1 : m),
  },
});

type Inputs = readonly [a: NdArray, b: NdArray];

/** A vector as a matrix: a row on the left, a column on the right. */
const asMatrix = (shape: Shape, side: "left" | "right"): Shape => {
  if (shape.length !== 1) return shape;
  return side === "left" ? [1, ...shape] : [...shape, 1];
};

/** The shape of the product, and that of the matrices behind it where an operand is a vector. */
function shapesOf(a: Shape, b: Shape): { matrix: number[]; result: number[] } {
  if (a.length === 0 || b.length === 0)
    throw new ShapeError(`matmul: both operands need at least one dimension, got ${showShape(a)} and ${showShape(b)}`);
  const left = asMatrix(a, "left");
  const right = asMatrix(b, "right");
  if (left.at(-1) !== right.at(-2))
    throw new ShapeError(
      `matmul: ${showShape(a)} and ${showShape(b)} do not fit: inner sizes ${left.at(-1)} and ${right.at(-2)} differ`,
    );
  const batch = broadcastShapes("matmul", left.slice(0, -2), right.slice(0, -2));
  const [m = 1, n = 1] = [left.at(-2), right.at(-1)];
  const matrix = [...batch, m, n];
  return { matrix, result: [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])] };
}

/** `x` under the shape of a matrix; strides follow, since only a dimension of size 1 is added. */
function reshaped(x: NdArray, shape: Shape): NdArray {
  if (shape.length === x.shape.length) return x;
  const strides = x.strides && (shape[0] === 1 ? [0, ...x.strides] : [...x.strides, 0]);
  return { ...x, shape, strides };
}

/** The last two dimensions exchanged: a view. */
function transposed(x: NdArray): NdArray {
  const strides = x.strides ?? stridesOf(x.shape);
  const swap = <T>(list: readonly T[]): T[] => [...list.slice(0, -2), ...list.slice(-2).reverse()];
  return { ...x, shape: swap(x.shape), strides: swap(strides) };
}

interface Walk {
  readonly array: NdArray;
  /** Steps from one matrix, row and column to the next, in elements. */
  readonly steps: readonly [batch: number, row: number, column: number];
}

/** How to walk the matrices of `x` as often as `batch` asks: with its own strides where they are even, else a copy. */
function walk(x: NdArray, batch: Shape): Walk {
  const own = x.shape.slice(0, -2);
  const [rows = 1, columns = 1] = x.shape.slice(-2);
  const strides = x.strides ?? stridesOf(x.shape);
  const [row = 0, column = 0] = strides.slice(-2);
  if (numelOf(own) === 1) return { array: x, steps: [0, row, column] };
  const even = stridesOf([...own, rows * columns]).slice(0, -1);
  const regular = own.every((size, d) => size === 1 || strides[d] === even[d]);
  if (regular && numelOf(own) === numelOf(batch)) return { array: x, steps: [rows * columns, row, column] };
  return { array: broadcastArray(x, [...batch, rows, columns]), steps: [rows * columns, columns, 1] };
}

/** The matrix products of two stacks of matrices, [*, m, k] and [*, k, n]. */
function multiply(a: NdArray, b: NdArray): NdArray {
  const { matrix } = shapesOf(a.shape, b.shape);
  const [m = 1, n = 1] = matrix.slice(-2);
  const k = a.shape.at(-1) ?? 1;
  const y = newEmpty(a, matrix);
  const batch = matrix.slice(0, -2);
  const right = walk(b, batch);
  // Many matrices over one are one tall matrix.
  const folds = a.strides === undefined && numelOf(b.shape.slice(0, -2)) === 1;
  const left: Walk = folds ? { array: a, steps: [0, k, 1] } : walk(a, batch);
  const [times, rows] = folds ? [1, numelOf(batch) * m] : [numelOf(batch), m];
  run(matmulKernel, [left.array, right.array, y], times, rows, n, k, ...left.steps, ...right.steps);
  return y;
}

export const matmulOp: Op<undefined, Inputs> = {
  name: "matmul",
  gradFn: (_options, [a, b]) => gradFnOf(a?.shape ?? [], b?.shape ?? []),
  strided: true,
  infer([a, b]: readonly [Meta, Meta]) {
    for (const { dtype } of [a, b])
      if (dtype !== "float32")
        throw new DTypeError(`matmul: expected float32, got ${dtype}; convert it with .to("float32")`);
    return { shape: shapesOf(a.shape, b.shape).result, dtype: "float32" };
  },
  forward(context, a, b) {
    context.save(a, b);
    const y = multiply(reshaped(a, asMatrix(a.shape, "left")), reshaped(b, asMatrix(b.shape, "right")));
    return viewAs(y, shapesOf(a.shape, b.shape).result);
  },
  backward(context: Context<undefined>, gradient) {
    const [a, b] = context.saved as [NdArray, NdArray];
    const dy = viewAs(gradient, shapesOf(a.shape, b.shape).matrix);
    const left = reshaped(a, asMatrix(a.shape, "left"));
    const right = reshaped(b, asMatrix(b.shape, "right"));
    const part = (x: NdArray, matrix: NdArray, shape: Shape) => viewAs(reduceTo(x, matrix.shape), shape);
    return [
      context.needs[0] ? part(multiply(dy, transposed(right)), left, a.shape) : null,
      context.needs[1] ? part(multiply(transposed(left), dy), right, b.shape) : null,
    ];
  },
};

function gradFnOf(a: Shape, b: Shape): string {
  if (a.length === 1 && b.length === 1) return "DotBackward0";
  if (a.length === 2 && b.length === 2) return "MmBackward0";
  if (a.length === 2 && b.length === 1) return "MvBackward0";
  return a.length === 1 && b.length === 2 ? "SqueezeBackward3" : "UnsafeViewBackward0";
}

/**
 * `a b`, the matrix product: vectors count as a row (left) or a column (right), leading dimensions broadcast.
 *
 * @param a [k], [m, k] or `[*, m, k]`, float32
 * @param b [k], [k, n] or `[*, k, n]`, float32
 * @returns [] for two vectors, [m] or [n] for a vector and a matrix, [m, n], or `[*, m, n]`
 * @throws ShapeError where the inner sizes k differ, the leading ones do not broadcast, or one is a scalar
 * @throws DTypeError unless both are float32
 * @see https://pytorch.org/docs/stable/generated/torch.matmul.html
 * @category Arithmetic
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => apply(matmulOp, [a, b], undefined);
