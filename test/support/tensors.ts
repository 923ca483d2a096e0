import { readBytes } from "./files.ts";

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The numbers of a stored tensor, in a typed array of its own dtype. */
export type Numbers = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor of a golden file. */
export interface StoredTensor {
  dtype: string;
  shape: number[];
  data: Numbers;
}

const READERS: Record<string, (bytes: ArrayBuffer) => Numbers> = {
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => new Float64Array(bytes),
  I64: (bytes) => new BigInt64Array(bytes),
  I32: (bytes) => new Int32Array(bytes),
  U8: (bytes) => new Uint8Array(bytes),
  BOOL: (bytes) => new Uint8Array(bytes),
};

/**
 * The tensors of a safetensors file by name: eight bytes of header length, a JSON header, the data. It shares nothing with
 * the library's own reader, so that one can be tested against the other; it copies every tensor and checks only sizes.
 */
export async function readTensors(path: string): Promise<Map<string, StoredTensor>> {
  const bytes = await readBytes(path);
  const length = Number(new DataView(bytes.buffer).getBigUint64(bytes.byteOffset, true));
  const header: Record<string, HeaderEntry> = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const read = READERS[entry.dtype];
    if (!read) throw new Error(`${path}: ${name} has the dtype ${entry.dtype}, which this reader does not know`);
    const [start, end] = entry.data_offsets;
    const data = read(bytes.slice(8 + length + start, 8 + length + end).buffer);
    const n = entry.shape.reduce((product, size) => product * size, 1);
    if (data.length !== n) throw new Error(`${path}: ${name} has ${data.length} numbers, its shape says ${n}`);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data });
  }
  return tensors;
}

/** The float32 numbers of one tensor of a file that `readTensors` has read. */
export function float32Of(tensors: Map<string, StoredTensor>, name: string): Float32Array {
  const data = tensors.get(name)?.data;
  if (!(data instanceof Float32Array)) throw new Error(`${name}: no float32 tensor of that name`);
  return data;
}
