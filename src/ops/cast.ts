import { newEmpty, type NdArray, run } from "../array.ts";
import type { DType } from "../core/dtype.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { numelOf } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const cast = (name: string): Kernel => kernel(name, { reads: ["x"], writes: ["y"], params: { n: "u32" } });

/** A cast that writes bytes: one invocation for each word of four. */
const castToBytes = (name: string): Kernel =>
  kernel(name, { reads: ["x"], writes: ["y"], params: { n: "u32" }, threads: ([n = 0]) => Math.ceil(n / 4) });

export const castUint8ToFloat32: Kernel = cast("castUint8ToFloat32");
export const castInt32ToFloat32: Kernel = cast("castInt32ToFloat32");
export const castUint8ToInt32: Kernel = cast("castUint8ToInt32");
export const castFloat32ToInt32: Kernel = cast("castFloat32ToInt32");
export const castInt32ToUint8: Kernel = castToBytes("castInt32ToUint8");
export const castFloat32ToUint8: Kernel = castToBytes("castFloat32ToUint8");
export const castFloat32ToBool: Kernel = castToBytes("castFloat32ToBool");
export const castInt32ToBool: Kernel = castToBytes("castInt32ToBool");
export const castUint8ToBool: Kernel = castToBytes("castUint8ToBool");

/** The kernel from one dtype to another; bool lies in memory as uint8 does. */
const CASTS: Readonly<Record<DType, Partial<Record<DType, Kernel>>>> = {
  float32: { int32: castFloat32ToInt32, uint8: castFloat32ToUint8, bool: castFloat32ToBool },
  int32: { float32: castInt32ToFloat32, uint8: castInt32ToUint8, bool: castInt32ToBool },
  uint8: { float32: castUint8ToFloat32, int32: castUint8ToInt32, bool: castUint8ToBool },
  bool: { float32: castUint8ToFloat32, int32: castUint8ToInt32 },
};

/** The elements of `x` as another dtype; `x` itself where it is of that dtype. */
export function castArray(x: NdArray, dtype: DType): NdArray {
  if (x.dtype === dtype) return x;
  const kernel = CASTS[x.dtype][dtype];
  if (kernel === undefined) return { ...x, dtype }; // bool as uint8: the same bytes
  const y = newEmpty(x, x.shape, dtype);
  run(kernel, [x, y], numelOf(x.shape));
  return y;
}

export const castOp: Op<DType, readonly [x: NdArray]> = {
  name: "to",
  gradFn: "ToCopyBackward0",
  infer: ([{ shape }], dtype) => ({ shape, dtype }),
  forward: (context, x) => castArray(x, context.options),
};

/**
 * The elements as another dtype: towards integers truncated, towards bool `x != 0`. Integers have no gradient.
 *
 * @returns the shape of `x`; `x` itself where it is of that dtype
 */
export const castTo = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : apply(castOp, [x], dtype));
