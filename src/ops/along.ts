import { newEmpty, type NdArray, run } from "../array.ts";
import { DTypeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byRow } from "../core/split.ts";
import { checkDim, numelOf, type Shape } from "../core/shape.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** One invocation for each row along the middle of [outer, n, inner]: the first three parameters. */
export const eachRow = ([outer = 0, , inner = 0]: readonly number[]): number => outer * inner;

/** The signature of a kernel that works along the middle of [outer, n, inner]. */
export const alongKernel = (name: string, reads: readonly string[]): Kernel =>
  kernel(name, {
    reads,
    writes: [reads.length === 1 ? "y" : "dx"],
    params: { outer: "u32", n: "u32", inner: "u32" },
    threads: eachRow,
    split: byRow(
      2,
      ([, n = 0, inner = 0]) => [...reads.map(() => 4 * n * inner), 4 * n * inner],
      ([, n = 0, inner = 0]) => 20 * n * inner,
    ),
  });

/** A shape as the [outer, n, inner] around one of its dimensions. */
const split = (shape: Shape, dim: number): [outer: number, n: number, inner: number] => [
  numelOf(shape.slice(0, dim)),
  shape[dim] ?? 1,
  numelOf(shape.slice(dim + 1)),
];

/** The dimension counted from the front. @throws TypeError RangeError */
export function checkAlong(operation: string, x: Tensor, dim: number): number {
  if (typeof dim !== "number") throw new TypeError(`${operation}: expected a dimension such as 1 or -1, got ${dim}`);
  return checkDim(operation, dim, x.ndim);
}

/** What `alongOp` makes: its one option is the dimension, counted from the front. */
export type AlongOp = Op<number, readonly [x: NdArray]>;

/** An operation along one dimension whose gradient follows from its result. */
export function alongOp(forward: Kernel, backward: Kernel): AlongOp {
  const { name } = forward;
  return {
    name,
    infer([{ shape, dtype }]) {
      if (dtype !== "float32")
        throw new DTypeError(`${name}: expected float32, got ${dtype}; convert it with .to("float32")`);
      return { shape, dtype };
    },
    forward(context, x) {
      const y = newEmpty(x);
      run(forward, [x, y], ...split(x.shape, context.options));
      context.save(y);
      return y;
    },
    backward(context, gradient) {
      const [y] = context.saved as [NdArray];
      const dx = newEmpty(y);
      run(backward, [y, gradient, dx], ...split(y.shape, context.options));
      return [dx];
    },
  };
}
