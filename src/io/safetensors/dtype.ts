/** The array that holds the elements of each dtype. 8- and 16-bit floats, which have no array of their own, stay raw bits. */
export interface SafeArrays {
  /** Booleans, a byte each: 0 or 1. */
  BOOL: Uint8Array;
  /** Unsigned, 8 bits. */
  U8: Uint8Array;
  /** Signed, 8 bits. */
  I8: Int8Array;
  /** 8-bit floats with 5 exponent bits, as raw bits. */
  F8_E5M2: Uint8Array;
  /** 8-bit floats with 4 exponent bits, as raw bits. */
  F8_E4M3: Uint8Array;
  /** Signed, 16 bits. */
  I16: Int16Array;
  /** Unsigned, 16 bits. */
  U16: Uint16Array;
  /** IEEE half precision, as raw bits. */
  F16: Uint16Array;
  /** bfloat16, as raw bits. */
  BF16: Uint16Array;
  /** Signed, 32 bits. */
  I32: Int32Array;
  /** Unsigned, 32 bits. */
  U32: Uint32Array;
  /** Single precision: what torchlet computes with. */
  F32: Float32Array;
  /** Double precision. */
  F64: Float64Array;
  /** Signed, 64 bits. */
  I64: BigInt64Array;
  /** Unsigned, 64 bits. */
  U64: BigUint64Array;
}

/** Names of the element types, as the file spells them. */
export type SafeDType = keyof SafeArrays;

/** One tensor: its dtype, its sizes (outermost first, `[]` for a scalar) and its elements, row-major. */
export type SafeTensor = {
  [D in SafeDType]: {
    /** The element type, as the file spells it. */
    readonly dtype: D;
    /** Sizes, outermost first. */
    readonly shape: number[];
    /** The elements in row-major order. */
    readonly data: SafeArrays[D];
  };
}[SafeDType];

// In the order of the reference implementation's enumeration, which its writer sorts by.
const ARRAY_NAMES: Readonly<Record<SafeDType, string>> = {
  BOOL: "Uint8Array",
  U8: "Uint8Array",
  I8: "Int8Array",
  F8_E5M2: "Uint8Array",
  F8_E4M3: "Uint8Array",
  I16: "Int16Array",
  U16: "Uint16Array",
  F16: "Uint16Array",
  BF16: "Uint16Array",
  I32: "Int32Array",
  U32: "Uint32Array",
  F32: "Float32Array",
  F64: "Float64Array",
  I64: "BigInt64Array",
  U64: "BigUint64Array",
};

const isDType = (name: string): name is SafeDType => Object.hasOwn(ARRAY_NAMES, name);

/** Every known dtype, in increasing size of its elements. */
export const SAFE_DTYPES: readonly SafeDType[] = Object.keys(ARRAY_NAMES).filter(isDType);

/** The dtype of that name, or undefined if the name is not known. */
export const safeDType = (name: string): SafeDType | undefined => (isDType(name) ? name : undefined);

/** Name of the class that holds the elements of a dtype. */
export const arrayNameOf = (dtype: SafeDType): string => ARRAY_NAMES[dtype];

/** Bytes per element: 1, 2, 4 or 8. */
export function safeBytesOf(dtype: SafeDType): number {
  const rank = SAFE_DTYPES.indexOf(dtype);
  if (rank >= SAFE_DTYPES.indexOf("F64")) return 8;
  if (rank >= SAFE_DTYPES.indexOf("I32")) return 4;
  return rank >= SAFE_DTYPES.indexOf("I16") ? 2 : 1;
}

/**
 * A tensor over the `n` elements that start at byte `begin` of `bytes`. It shares their memory where `begin` is a multiple of
 * the element size there, else it gets a copy, because a typed array cannot start between elements. Both the file and the
 * memory of every engine with WebAssembly are little-endian.
 */
export function safeTensor(dtype: SafeDType, shape: number[], bytes: Uint8Array, begin: number, n: number): SafeTensor {
  const size = safeBytesOf(dtype);
  const aligned = (bytes.byteOffset + begin) % size === 0;
  const source = aligned ? bytes : new Uint8Array(bytes.subarray(begin, begin + n * size));
  const buffer = source.buffer;
  const at = aligned ? bytes.byteOffset + begin : 0;
  switch (dtype) {
    case "F64":
      return { dtype, shape, data: new Float64Array(buffer, at, n) };
    case "F32":
      return { dtype, shape, data: new Float32Array(buffer, at, n) };
    case "I64":
      return { dtype, shape, data: new BigInt64Array(buffer, at, n) };
    case "U64":
      return { dtype, shape, data: new BigUint64Array(buffer, at, n) };
    case "I32":
      return { dtype, shape, data: new Int32Array(buffer, at, n) };
    case "U32":
      return { dtype, shape, data: new Uint32Array(buffer, at, n) };
    case "I16":
      return { dtype, shape, data: new Int16Array(buffer, at, n) };
    case "U16":
    case "F16":
    case "BF16":
      return { dtype, shape, data: new Uint16Array(buffer, at, n) };
    case "I8":
      return { dtype, shape, data: new Int8Array(buffer, at, n) };
    default:
      return { dtype, shape, data: new Uint8Array(buffer, at, n) };
  }
}
