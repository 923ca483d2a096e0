import { apply } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { runUnary, unaryKernel, unaryOp } from "./unary.ts";

export const negKernel = unaryKernel("neg");
export const negInt32Kernel = unaryKernel("negInt32");

export const negOp = unaryOp({
  name: "neg",
  gradFn: "NegBackward0",
  float32: negKernel,
  int32: negInt32Kernel,
  saves: "result",
  backward: (gradient) => runUnary(negKernel, gradient),
});

/** −x, float32 or int32. @throws DTypeError */
export const neg = (x: Tensor): Tensor => apply(negOp, [x], undefined);
