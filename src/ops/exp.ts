import type { Kernel } from "../core/kernel.ts";
import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runBinary } from "./binary.ts";
import { mulKernel } from "./mul.ts";
import { unaryKernel, type UnaryOp, unaryOp } from "./unary.ts";

export const expKernel: Kernel = unaryKernel("exp");

export const expOp: UnaryOp = unaryOp({
  name: "exp",
  gradFn: "ExpBackward0",
  float32: expKernel,
  saves: "result",
  backward: (gradient, y) => runBinary(mulKernel, gradient, y, y.shape, "float32"),
});

/** eˣ, float32. @throws DTypeError */
export const exp = (x: Tensor): Tensor => apply(expOp, [x], undefined);
