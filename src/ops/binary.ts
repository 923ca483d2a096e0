import { emptyArray, newEmpty, type NdArray, run } from "../array.ts";
import { fill } from "../autograd.ts";
import type { Device } from "../backend/device.ts";
import { type DType, hostArray, promote } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { broadcastShapes, numelOf } from "../core/shape.ts";
import { recycle } from "../lifetime.ts";
import { apply, type Context, type Op } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { operandFor, reduceTo } from "./broadcast.ts";
import { castArray } from "./cast.ts";

/**
 * What an operation of two tensors takes: a tensor, or a number that stands for a tensor of one element. The number takes the
 * other's dtype if it fits; else a whole one is int32, any other float32.
 *
 * @category Arithmetic
 */
export type Operand = Tensor | number;

type Inputs = readonly [a: NdArray, b: NdArray];

/** The signature of a kernel y[i] = f(a[i · aStep], b[i · bStep]). */
export const binaryKernel = (name: string): Kernel =>
  kernel(name, {
    reads: ["a", "b"],
    writes: ["y"],
    params: { n: "u32", aStep: "u32", bStep: "u32" },
    split: byElement(([, aStep = 0, bStep = 0]) => [4 * aStep, 4 * bStep, 4]),
  });

/** The same for a kernel that writes bytes: one invocation for each word of four. */
export const comparisonKernel = (name: string): Kernel =>
  kernel(name, {
    reads: ["a", "b"],
    writes: ["y"],
    params: { n: "u32", aStep: "u32", bStep: "u32" },
    threads: ([n = 0]) => Math.ceil(n / 4),
  });

const fillInt32 = kernel("fillInt32", { reads: [], writes: ["y"], params: { n: "u32", value: "i32" } });

/** Runs a binary kernel over operands that broadcast to `shape`. */
export function runBinary(kernel: Kernel, a: NdArray, b: NdArray, shape: readonly number[], dtype: DType): NdArray {
  const y = newEmpty(a, shape, dtype);
  const left = operandFor(a, shape);
  const right = operandFor(b, shape);
  run(kernel, [left.array, right.array, y], numelOf(shape), left.step, right.step);
  return y;
}

export interface BinaryRule {
  readonly gradFn?: string;
  /** Its name is the operation's. */
  readonly float32: Kernel;
  readonly int32: Kernel;
  /** The dtype in which operands of a promoted dtype are computed: integers as int32 unless the rule says float32. */
  readonly compute?: (promoted: DType) => "float32" | "int32";
  /** The dtype of the result; by default the promoted one. */
  readonly result?: (promoted: DType) => DType;
  /** Gradients before they are reduced to the operands' shapes; absent where the result has none. */
  readonly backward?: (
    gradient: NdArray,
    a: NdArray,
    b: NdArray,
    y: NdArray,
    needs: readonly boolean[],
  ) => readonly (NdArray | null)[];
}

const computeIn = (promoted: DType): "float32" | "int32" => (promoted === "float32" ? "float32" : "int32");

/** What `binaryOp` makes: an operation without options. */
export type BinaryOp = Op<undefined, Inputs>;

/** An operation on two broadcasting operands. */
export function binaryOp(rule: BinaryRule): BinaryOp {
  const { gradFn, compute = computeIn, result = (promoted: DType) => promoted, backward } = rule;
  const { name } = rule.float32;
  return {
    name,
    gradFn,
    infer: ([a, b]) => ({ shape: broadcastShapes(name, a.shape, b.shape), dtype: result(promote(a.dtype, b.dtype)) }),
    forward(context, a, b) {
      const promoted = promote(a.dtype, b.dtype);
      const dtype = compute(promoted);
      const shape = broadcastShapes(name, a.shape, b.shape);
      const made = result(promoted);
      const left = castArray(a, dtype);
      const right = castArray(b, dtype);
      // Comparisons write bools themselves; arithmetic on bytes is computed in int32 and narrowed.
      const y = runBinary(rule[dtype], left, right, shape, made === "bool" ? "bool" : dtype);
      context.save(left, right, y);
      return castArray(y, made);
    },
    ...(backward && {
      backward: (context: Context<undefined>, gradient: NdArray) => gradients(context, gradient, backward),
    }),
  };
}

function gradients(
  context: Context<undefined>,
  gradient: NdArray,
  backward: NonNullable<BinaryRule["backward"]>,
): readonly (NdArray | null)[] {
  const [a, b, y] = context.saved as [NdArray, NdArray, NdArray];
  const parts = backward(gradient, a, b, y, context.needs);
  return parts.map((part, i) => part && reduceTo(part, (i === 0 ? a : b).shape));
}

/** Applies a binary operation; a number becomes a tensor of one element for the time of the call. */
export function applyBinary(op: BinaryOp, a: Operand, b: Operand): Tensor {
  if (a instanceof Tensor && b instanceof Tensor) return apply(op, [a, b], undefined);
  const like = a instanceof Tensor ? a : b;
  if (!(like instanceof Tensor)) throw new DTypeError(`${op.name}: expected at least one tensor, got ${a} and ${b}`);
  const left = a instanceof Tensor ? a : scalarLike(op.name, a, like);
  const right = b instanceof Tensor ? b : scalarLike(op.name, b, like);
  const y = apply(op, [left, right], undefined);
  for (const made of [left, right]) if (made !== like) recycle(made, false);
  return y;
}

/** A number beside a tensor: of the tensor's dtype if it can be, an integer beside bool is int32, else float32. */
function scalarLike(operation: string, value: number, like: Tensor): Tensor {
  if (typeof value !== "number")
    throw new DTypeError(`${operation}: expected a tensor or a number, got ${typeof value}`);
  const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  const dtype: DType =
    like.dtype === "float32" || !whole
      ? "float32"
      : like.dtype === "uint8" && value >= 0 && value < 256
        ? "uint8"
        : "int32";
  const host = hostArray(dtype, 1).fill(value);
  const make = (device: Device): NdArray => {
    const array = emptyArray(device, [], dtype);
    if (dtype === "float32") run(fill, [array], 1, value);
    else run(fillInt32, [array], 1, value); // little-endian: its first byte is the uint8
    return array;
  };
  return new Tensor({ shape: [], dtype, device: like.place, source: { host, make } });
}
