import type { NdArray } from "../array.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

export const detachOp: Op<undefined, readonly [x: NdArray]> = {
  name: "detach",
  gradFn: "",
  strided: true,
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  forward: (_context, x) => x,
};

/** The same elements outside the graph; shares memory. */
export const detach = (x: Tensor): Tensor => apply(detachOp, [x], undefined);
