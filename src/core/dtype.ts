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

/** A class of host arrays. */
export interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
}

/** The class of host arrays of each dtype. */
export const CLASSES: Readonly<Record<DType, ArrayClass>> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
};
const ORDER = Object.keys(CLASSES) as readonly DType[];

/** Bytes per element. Compared: to look a name up in a table costs as much as to make a small array. */
export const bytesOf = (dtype: DType): number => (dtype === "float32" || dtype === "int32" ? 4 : 1);

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
    return new CLASSES[dtype](n);
  } catch (cause) {
    throw new OutOfMemoryError(`no room on the host for ${n} elements of ${dtype}, ${n * bytesOf(dtype)} bytes`, {
      cause,
    });
  }
}

/** Views the bytes of `buffer` from `offset` as `n` elements. */
export function viewArray(dtype: DType, buffer: ArrayBufferLike, offset: number, n: number): TypedArray {
  return new CLASSES[dtype](buffer, offset, n);
}
