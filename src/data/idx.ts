import { viewArray } from "../core/dtype.ts";
import { FormatError, OutOfMemoryError } from "../core/errors.ts";
import { showShape } from "../core/shape.ts";

/** The module's functions that read IDX files (`assembly/idx.ts`): addresses first, then sizes. */
export interface IdxExports {
  idxHeader(bytes: number, length: number, out: number): number;
  idxUint8(x: number, y: number, n: number): void;
  idxInt8(x: number, y: number, n: number): void;
  idxInt16(x: number, y: number, n: number): void;
  idxInt32(x: number, y: number, n: number): void;
  idxFloat32(x: number, y: number, n: number): void;
  idxFloat64(x: number, y: number, n: number): void;
}

/** Where IDX files are decoded: the module and a little of its memory, at most 786,432 bytes at a time. */
export interface IdxHost {
  readonly exports: IdxExports;
  readonly memory: WebAssembly.Memory;
  /** The address of `bytes` free bytes, a multiple of 4. Throws OutOfMemoryError. */
  allocate(bytes: number): number;
  free(address: number): void;
}

/**
 * A decoded IDX file: dtype, sizes (outermost first) and elements in row-major order. int8 and int16 come as int32, float64 as
 * float32. `tensor(data, { shape })` makes a tensor of it.
 *
 * @category IDX files
 */
export type IdxArray =
  | {
      /** The element type. */
      dtype: "uint8";
      /** Sizes, outermost first. */
      shape: number[];
      /** The elements in row-major order. */
      data: Uint8Array<ArrayBuffer>;
    }
  | {
      /** The element type. */
      dtype: "int32";
      /** Sizes, outermost first. */
      shape: number[];
      /** The elements in row-major order. */
      data: Int32Array<ArrayBuffer>;
    }
  | {
      /** The element type. */
      dtype: "float32";
      /** Sizes, outermost first. */
      shape: number[];
      /** The elements in row-major order. */
      data: Float32Array<ArrayBuffer>;
    };

/**
 * What to expect of an IDX file.
 *
 * @category IDX files
 */
export interface IdxOptions {
  /** What messages call the file; "IDX data" if left out. */
  name?: string;
  /** The number of dimensions it must have, 1 to 8; any if left out. */
  rank?: number;
  /**
   * The most bytes it may have unpacked, header included. If left out, any number below 2^32 - 1; but for a gzipped file 16 MiB, or
   * 32 times its own length if that is more.
   */
  maxBytes?: number;
}

interface IdxElement {
  dtype: IdxArray["dtype"];
  bytes: number;
  decode: Exclude<keyof IdxExports, "idxHeader">;
}

interface IdxHeader {
  code: number;
  element: IdxElement;
  shape: number[];
  count: number;
  dataOffset: number;
  total: number;
}

const ELEMENTS: ReadonlyMap<number, IdxElement> = new Map<number, IdxElement>([
  [0x08, { dtype: "uint8", bytes: 1, decode: "idxUint8" }],
  [0x09, { dtype: "int32", bytes: 1, decode: "idxInt8" }],
  [0x0b, { dtype: "int32", bytes: 2, decode: "idxInt16" }],
  [0x0c, { dtype: "int32", bytes: 4, decode: "idxInt32" }],
  [0x0d, { dtype: "float32", bytes: 4, decode: "idxFloat32" }],
  [0x0e, { dtype: "float32", bytes: 8, decode: "idxFloat64" }],
]);

const HEADER_BYTES = 36; // the longest header: 4 bytes and 8 sizes
const HEADER_WORDS = 12; // what idxHeader writes
const LARGEST_LENGTH = 0xffffffff; // idxHeader takes a length as u32 and refuses files this long
const BLOCK = 65536; // elements decoded at a time, so the module's memory stays small whatever the file's size
const TRUNCATED = 6;
const OVERSIZED = 7;

/** True if `bytes` start like a gzip file (RFC 1952: 1f 8b). */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The error for the rules 1 to 5 of `idxHeader`, which a header can break by itself. */
function headerError(code: number, bytes: Uint8Array, name: string): FormatError {
  const hex = (i: number): string => `0x${(bytes[i] ?? 0).toString(16).padStart(2, "0")}`;
  if (code === 1) {
    const expected = bytes.length < 4 ? 4 : 4 + 4 * (bytes[3] ?? 0);
    const message = `${name}: an IDX header of at least ${expected} bytes was expected, got ${bytes.length}; is the file complete?`;
    return new FormatError("idx-short-header", bytes.length, message);
  }
  if (code === 2) {
    const hint = isGzip(bytes) ? ", which is gzip: decompress it first" : "; is it an IDX file?";
    const message = `${name}: an IDX file starts with 0x00 0x00, got ${hex(0)} ${hex(1)}${hint}`;
    return new FormatError("idx-magic", bytes[0] === 0 ? 1 : 0, message);
  }
  if (code === 3) {
    const message = `${name}: the IDX type at byte 2 must be 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e, got ${hex(2)}`;
    return new FormatError("idx-type", 2, message);
  }
  if (code === 4) {
    const message = `${name}: the number of dimensions at byte 3 must be 1 to 8, got ${bytes[3]}`;
    return new FormatError("idx-rank", 3, message);
  }
  const message = `${name}: the IDX header asks for 2^32 - 1 bytes or more; files must be smaller, so split the file if it is whole`;
  return new FormatError("idx-too-large", 4, message);
}

/** Lets the module read the header; throws FormatError for all but a wrong total length, which `code` keeps. */
function readHeader(host: IdxHost, bytes: Uint8Array, name: string): IdxHeader {
  const input = host.allocate(HEADER_BYTES + 4 * HEADER_WORDS);
  try {
    const out = input + HEADER_BYTES;
    new Uint8Array(host.memory.buffer, input, HEADER_BYTES).set(bytes.subarray(0, HEADER_BYTES));
    const code = host.exports.idxHeader(input, Math.min(bytes.length, LARGEST_LENGTH), out);
    const [type = 0, ndim = 0, ...rest] = new Uint32Array(host.memory.buffer, out, HEADER_WORDS);
    const element = ELEMENTS.get(type);
    const sound = code === 0 || code === TRUNCATED || code === OVERSIZED;
    if (!sound || element === undefined) throw headerError(code, bytes, name);
    const [count = 0, dataOffset = 0] = rest.slice(8);
    return { code, element, shape: rest.slice(0, ndim), count, dataOffset, total: dataOffset + count * element.bytes };
  } finally {
    host.free(input);
  }
}

function checkHeader(header: IdxHeader, bytes: Uint8Array, name: string, options: IdxOptions): void {
  const { code, shape, total } = header;
  const { rank, maxBytes = LARGEST_LENGTH } = options;
  if (rank !== undefined && shape.length !== rank)
    throw new FormatError(
      "idx-wrong-rank",
      3,
      `${name}: expected ${rank} dimensions, got ${shape.length}: ${showShape(shape)}; is it the right file?`,
    );
  if (!(total <= maxBytes))
    throw new FormatError(
      "idx-over-limit",
      4,
      `${name}: at most ${maxBytes} bytes are allowed, but the header asks for ${total}; raise maxBytes if it is meant to`,
    );
  if (code === 0) return;
  const asked = `${name}: a file of shape ${showShape(shape)} has ${total} bytes, got ${bytes.length}`;
  if (code === TRUNCATED)
    throw new FormatError("idx-truncated", bytes.length, `${asked}; the file is cut short, fetch it again`);
  throw new FormatError("idx-oversized", total, `${asked}; ${bytes.length - total} bytes follow the last element`);
}

function emptyArray({ element, shape, count }: IdxHeader, name: string): IdxArray {
  const { dtype } = element;
  try {
    if (dtype === "uint8") return { dtype, shape, data: new Uint8Array(count) };
    if (dtype === "int32") return { dtype, shape, data: new Int32Array(count) };
    return { dtype, shape, data: new Float32Array(count) };
  } catch {
    throw new OutOfMemoryError(
      `${name}: no room for ${count} elements of ${dtype}, shape ${showShape(shape)}; split the file`,
    );
  }
}

/**
 * Decodes an IDX file, the format of MNIST: two zero bytes, a type, the number of dimensions, their sizes and the elements,
 * all big-endian. The length must be exact. Values are copied out of the module's memory, which holds a block at a time.
 *
 * @param bytes the whole file, decompressed
 * @returns the elements in row-major order: uint8 as it is, int8 and int16 as int32, float64 rounded to the nearest float32
 * @throws FormatError if the bytes are not an IDX file, or not of `options.rank`, or longer than `options.maxBytes`; `code` is one
 *   of idx-short-header, idx-magic, idx-type, idx-rank, idx-too-large, idx-wrong-rank, idx-over-limit, idx-truncated, idx-oversized
 * @throws OutOfMemoryError if there is no room for the values
 * @see http://yann.lecun.com/exdb/mnist/ "The IDX file format"
 */
export function decodeIdxWith(host: IdxHost, bytes: Uint8Array, options: IdxOptions = {}): IdxArray {
  const name = options.name ?? "IDX data";
  const header = readHeader(host, bytes, name);
  checkHeader(header, bytes, name, options);
  const result = emptyArray(header, name);
  const { element, count, dataOffset } = header;
  if (count === 0) return result;
  const block = Math.min(count, BLOCK);
  const inputBytes = Math.ceil((block * element.bytes) / 4) * 4;
  const input = host.allocate(inputBytes + block * 4);
  try {
    const output = input + inputBytes;
    for (let start = 0; start < count; start += block) {
      const n = Math.min(block, count - start);
      const first = dataOffset + start * element.bytes;
      new Uint8Array(host.memory.buffer).set(bytes.subarray(first, first + n * element.bytes), input);
      host.exports[element.decode](input, output, n);
      result.data.set(viewArray(element.dtype, host.memory.buffer, output, n), start);
    }
    return result;
  } finally {
    host.free(input);
  }
}

/**
 * The length that an IDX file's header gives it, in bytes. A decompressor that stops one byte later reads all of an honest file
 * and no more of a dishonest one.
 *
 * @param firstBytes the start of the file: its header, 36 bytes at most, or more
 * @param name what messages call the file
 * @throws FormatError if the bytes do not start with an IDX header
 */
export function idxByteLength(host: IdxHost, firstBytes: Uint8Array, name = "IDX data"): number {
  return readHeader(host, firstBytes, name).total;
}
