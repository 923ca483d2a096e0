import { newEmpty, type NdArray, run } from "../array.ts";
import { DTypeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { numelOf } from "../core/shape.ts";
import type { Context, Op } from "../op.ts";

type Inputs = readonly [x: NdArray];

/** The signature of a kernel y[i] = f(x[i]). */
export const unaryKernel = (name: string): Kernel =>
  kernel(name, { reads: ["x"], writes: ["y"], params: { n: "u32" }, split: byElement(() => [4, 4]) });

/** The signature of a kernel dx[i] = f'(…) dy[i], where f' follows from the result y[i]. */
export const fromResultKernel = (name: string): Kernel =>
  kernel(name, { reads: ["y", "dy"], writes: ["dx"], params: { n: "u32" }, split: byElement(() => [4, 4, 4]) });

/** Runs a kernel that takes an array of one size and writes another. */
export function runUnary(kernel: Kernel, ...reads: readonly [NdArray, ...NdArray[]]): NdArray {
  const [x] = reads;
  const y = newEmpty(x, x.shape, x.dtype);
  run(kernel, [...reads, y], numelOf(x.shape));
  return y;
}

export interface UnaryRule {
  readonly gradFn?: string;
  /** Its name is the operation's. */
  readonly float32: Kernel;
  /** For operations that integers have too; else they must be float32. */
  readonly int32?: Kernel;
  /** What backward is computed from: the input or the result. */
  readonly saves: "input" | "result";
  readonly backward: (gradient: NdArray, saved: NdArray) => NdArray;
}

/** What `unaryOp` makes: an operation without options. */
export type UnaryOp = Op<undefined, Inputs>;

/** An operation on one tensor, element by element. */
export function unaryOp(rule: UnaryRule): UnaryOp {
  const { gradFn, float32, int32, saves } = rule;
  const { name } = float32;
  return {
    name,
    gradFn,
    infer([{ shape, dtype }]) {
      if (dtype !== "float32" && !(dtype === "int32" && int32))
        throw new DTypeError(`${name}: expected float32, got ${dtype}; convert it with .to("float32")`);
      return { shape, dtype };
    },
    forward(context: Context<undefined>, x) {
      const y = runUnary(x.dtype === "int32" && int32 ? int32 : float32, x);
      context.save(saves === "input" ? x : y);
      return y;
    },
    backward: (context, gradient) => [rule.backward(gradient, context.saved[0] as NdArray)],
  };
}
