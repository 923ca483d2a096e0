import { DTypeError, ShapeError } from "../../core/errors.ts";
import { arrayNameOf, SAFE_DTYPES, type SafeArrays, type SafeDType, safeBytesOf, safeDType } from "./dtype.ts";
import { LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from "./header.ts";
import { showName } from "./json.ts";

/** How a file spells the element types that tensors have names of their own for. */
const SPELLINGS: Readonly<Record<string, SafeDType>> = { float32: "F32", int32: "I32", uint8: "U8", bool: "BOOL" };

/** A tensor as it is written. */
type Spelled = {
  [D in SafeDType]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: SafeArrays[D] };
}[SafeDType];

/** A tensor to write: as `parse` or `readState` gives it, or with a shape that is not its own. */
export type SafeTensorInput = {
  [D in SafeDType | "float32" | "int32" | "uint8" | "bool"]: {
    /** The element type, as the file spells it (`"F32"`) or as tensors do (`"float32"`). */
    readonly dtype: D;
    /** Sizes, outermost first. */
    readonly shape: readonly number[];
    /** The elements in row-major order. */
    readonly data: D extends SafeDType
      ? SafeArrays[D]
      : D extends "float32"
        ? Float32Array
        : D extends "int32"
          ? Int32Array
          : Uint8Array;
  };
}[SafeDType | "float32" | "int32" | "uint8" | "bool"];

/** Text by name, for the header's `__metadata__`. */
export type SafeMetadata = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** Bytes of a stream's chunk at most. */
const CHUNK_BYTES = 2 ** 20;

type Entry = readonly [name: string, tensor: Spelled];

/** The entry as the file spells it. */
function spelled([name, tensor]: readonly [string, SafeTensorInput]): Entry {
  const dtype = Object.hasOwn(SPELLINGS, tensor.dtype) ? SPELLINGS[tensor.dtype] : tensor.dtype;
  // Which array belongs to which dtype is checked next.
  return [name, { ...tensor, dtype } as Spelled];
}

// Surrogates stand for code points above U+FFFF, so they rank above the rest of the 16-bit units.
const rankOf = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** Order of code points, which is the order of UTF-8 bytes; `<` compares 16-bit units. */
function compareNames(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Widest dtype first, so that every tensor is aligned in a file whose data starts at a multiple of 8; then by name. */
const compareEntries = ([a, x]: Entry, [b, y]: Entry): number =>
  SAFE_DTYPES.indexOf(y.dtype) - SAFE_DTYPES.indexOf(x.dtype) || compareNames(a, b);

function checkEntry([name, { dtype, shape, data }]: Entry): void {
  if (typeof name !== "string") throw new TypeError(`serialize: names must be strings, got ${typeof name}`);
  if (name === METADATA_KEY) throw new RangeError(`serialize: ${METADATA_KEY} is reserved; pass metadata separately`);
  if (safeDType(dtype) === undefined)
    throw new DTypeError(`serialize: ${showName(name)}: dtype must be one of ${SAFE_DTYPES.join(", ")}, got ${dtype}`);
  const got = Object.prototype.toString.call(data).slice(8, -1);
  if (got !== arrayNameOf(dtype))
    throw new DTypeError(`serialize: ${showName(name)}: ${dtype} takes a ${arrayNameOf(dtype)}, got ${got}`);
  let n = 1;
  for (const size of shape) {
    n *= size;
    if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(n))
      throw new ShapeError(`serialize: ${showName(name)}: sizes must be whole numbers, got [${shape.join(", ")}]`);
  }
  if (n !== data.length)
    throw new ShapeError(
      `serialize: ${showName(name)}: shape [${shape.join(", ")}] needs ${n} elements, got ${data.length}`,
    );
}

/** The checked entries in the order of the file. */
function sortedEntries(tensors: Iterable<readonly [string, SafeTensorInput]>): Entry[] {
  const names = new Set<string>();
  const entries = Array.from(tensors, spelled);
  for (const entry of entries) {
    checkEntry(entry);
    const [name] = entry;
    if (names.has(name)) throw new RangeError(`serialize: the name ${showName(name)} comes twice; names must differ`);
    names.add(name);
  }
  return entries.sort(compareEntries);
}

function metadataText(metadata: SafeMetadata): string | undefined {
  const pairs: [string, string][] = metadata instanceof Map ? [...metadata] : Object.entries(metadata);
  if (pairs.length === 0) return undefined;
  const items = pairs
    .sort(([a], [b]) => compareNames(a, b))
    .map(([key, value]) => {
      if (typeof key !== "string" || typeof value !== "string")
        throw new TypeError(`serialize: metadata must map strings to strings, got ${typeof value} for ${String(key)}`);
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    });
  return `"${METADATA_KEY}":{${items.join(",")}}`;
}

/** The header, padded with spaces to a multiple of 8 bytes. */
function encodeHeader(entries: readonly Entry[], metadata: SafeMetadata): Uint8Array {
  const items: string[] = [];
  const text = metadataText(metadata);
  if (text !== undefined) items.push(text);
  let begin = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const end = begin + data.length * safeBytesOf(dtype);
    items.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
    );
    begin = end;
  }
  const encoded = new TextEncoder().encode(`{${items.join(",")}}`);
  const padded = new Uint8Array(Math.ceil(encoded.length / 8) * 8).fill(0x20);
  if (padded.length > MAX_HEADER_BYTES)
    throw new RangeError(`serialize: the header may take ${MAX_HEADER_BYTES} bytes, got ${padded.length}`);
  padded.set(encoded);
  return padded;
}

/** The length, the header, and the data of every tensor: the whole file, not copied yet. */
function piecesOf(tensors: Iterable<readonly [string, SafeTensorInput]>, metadata: SafeMetadata): Uint8Array[] {
  const entries = sortedEntries(tensors);
  const header = encodeHeader(entries, metadata);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  const data = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return [length, header, ...data];
}

/** Copies, since whoever reads them may hand their memory on to a worker. */
function* chunksOf(pieces: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>, void> {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += CHUNK_BYTES) yield piece.slice(at, at + CHUNK_BYTES);
}

/**
 * Writes a safetensors file. The bytes depend on the contents alone, not on the order in which they come: tensors are
 * sorted by dtype, widest first, then by name, metadata by key. Without metadata, or with one entry of it, the bytes are
 * those of the reference implementation (which leaves the order of more entries to chance).
 *
 * @param tensors names with tensors: a Map as of `readState` or `parse`, or anything that gives pairs
 * @param metadata text by name; left out of the file when empty
 * @returns the whole file, little-endian
 * @throws DTypeError if a dtype is unknown or its array is of another type
 * @throws ShapeError if an array does not fill its shape
 * @throws RangeError for a repeated or reserved name, or a header over 100,000,000 bytes
 * @throws TypeError for metadata that is not text
 * @see https://github.com/huggingface/safetensors#format
 */
export function serialize(
  tensors: Iterable<readonly [name: string, tensor: SafeTensorInput]>,
  metadata: SafeMetadata = {},
): Uint8Array<ArrayBuffer> {
  const pieces = piecesOf(tensors, metadata);
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}

/**
 * The same file as a stream, which never holds it whole: for a `Response`, a `Blob`, Deno's `writeFile`, Node's too. The tensors
 * must stay as they are until it has been read.
 *
 * @param tensors as for `serialize`
 * @param metadata as for `serialize`
 * @returns the bytes that `serialize` gives, in copies of up to 1 MiB
 * @throws as `serialize` does, before anything is read
 */
export function serializeStream(
  tensors: Iterable<readonly [name: string, tensor: SafeTensorInput]>,
  metadata: SafeMetadata = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = chunksOf(piecesOf(tensors, metadata));
  return new ReadableStream({
    pull(controller) {
      const { done, value } = chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
