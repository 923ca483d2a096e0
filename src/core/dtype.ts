import { DTypeError, OutOfMemoryError } from "./errors.ts";

/**
 * Element types, in promotion order: bool < uint8 < int32 < float32. Bytes for each element: 1, 1, 4, 4. PyTorch's `torch.bool`,
 * `torch.uint8`, `torch.int32`, `torch.float32`.
 *
 * @category Tensors
 */
export type DType = "bool" | "uint8" | "int32" | "float32";

/**
 * The typed array that holds elements of a dtype on the host: Float32Array, Int32Array, or Uint8Array for uint8 and for bool, as 0
 * and 1.
 *
 * @category Tensors
 */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

const ORDER: readonly DType[] = ["bool", "uint8", "int32", "float32"];
const BYTES: Readonly<Record<DType, number>> = { bool: 1, uint8: 1, int32: 4, float32: 4 };

/** Bytes per element. */
export const bytesOf = (dtype: DType): number => BYTES[dtype];

/** The dtype that holds the values of both: the later of the two in promotion order. */
export const promote = (a: DType, b: DType): DType => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b);

/** Returns `dtype` if it names one, else throws DTypeError. */
export function checkDType(dtype: string): DType {
  const known = ORDER.find((name) => name === dtype);
  if (known === undefined)
    throw new DTypeError(`dtype: expected one of ${ORDER.join(", ")}, got ${JSON.stringify(dtype)}`);
  return known;
}

/** A zeroed host array of `n` elements. @throws OutOfMemoryError where the engine has no room */
export function hostArray(dtype: DType, n: number): TypedArray {
  try {
    if (dtype === "float32") return new Float32Array(n);
    return dtype === "int32" ? new Int32Array(n) : new Uint8Array(n);
  } catch (cause) {
    throw new OutOfMemoryError(`no room on the host for ${n} elements of ${dtype}, ${n * bytesOf(dtype)} bytes`, {
      cause,
    });
  }
}

/** Views the bytes of `buffer` from `offset` as `n` elements. */
export function viewArray(dtype: DType, buffer: ArrayBufferLike, offset: number, n: number): TypedArray {
  if (dtype === "float32") return new Float32Array(buffer, offset, n);
  return dtype === "int32" ? new Int32Array(buffer, offset, n) : new Uint8Array(buffer, offset, n);
}
