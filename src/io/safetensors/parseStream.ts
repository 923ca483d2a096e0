import { DataError, OutOfMemoryError } from "../../core/errors.ts";
import { ByteReader } from "./byteReader.ts";
import { headerEnd, LENGTH_BYTES, readHeader, type TensorInfo } from "./header.ts";
import { checkLayout, checkLength, dataBytesOf } from "./layout.ts";
import { makeTensors, type ParseOptions, type SafeTensors } from "./parse.ts";

/**
 * Where a file comes from piece by piece: a `Response` of `fetch`, a `Blob` or a `File` that a user picked, or any other stream
 * of bytes.
 */
export type ByteSource = ReadableStream<Uint8Array> | Blob | Response;

/**
 * Bytes that are given room before they come, where it is not known that they will: enough for any header. Memory that nothing
 * is written to yet is not taken from the system.
 */
const FIRST_ROOM = 2 ** 27;

/** The source as a stream, and the length of the file: `Infinity` where it is not known. */
function open(source: ByteSource): { stream: ReadableStream<Uint8Array>; fileBytes: number } {
  if ("getReader" in source) return { stream: source, fileBytes: Infinity };
  if ("stream" in source) return { stream: source.stream(), fileBytes: source.size };
  if (!source.ok) throw new DataError(`parseStream: ${source.url} answered ${source.status} ${source.statusText}`);
  return { stream: source.body ?? new Blob([]).stream(), fileBytes: Infinity };
}

function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch {
    throw new OutOfMemoryError(`parseStream: no room for ${bytes} bytes in one piece`);
  }
}

/**
 * `start` and the bytes that follow it, `size` in all, fewer where the stream ends. They get room as they come, unless the
 * length of the file says that they will: what a header claims costs nothing by itself.
 */
async function take(
  reader: ByteReader,
  size: number,
  fileBytes: number,
  start = new Uint8Array(0),
): Promise<Uint8Array<ArrayBuffer>> {
  let filled = start.length;
  let bytes = allocate(fileBytes < Infinity ? size : Math.min(size, FIRST_ROOM));
  bytes.set(start);
  for (;;) {
    filled += await reader.fill(bytes.subarray(filled));
    if (filled < bytes.length || filled === size) return bytes.subarray(0, filled);
    const larger = allocate(Math.min(size, 2 * filled));
    larger.set(bytes);
    bytes = larger;
  }
}

/** Reads the data of the tensors, each into memory of its own, up to the end of the stream, which must be that of the data. */
async function takeData(
  reader: ByteReader,
  infos: readonly TensorInfo[],
  dataStart: number,
  fileBytes: number,
): Promise<Map<TensorInfo, Uint8Array>> {
  const data = new Map<TensorInfo, Uint8Array>();
  const end = dataBytesOf(infos);
  if (fileBytes < Infinity) checkLength(end, dataStart, fileBytes);
  for (const info of infos) {
    data.set(info, await take(reader, info.end - info.begin, fileBytes));
    if (reader.taken < dataStart + info.end) break;
  }
  const more = reader.taken === dataStart + end && (await reader.fill(new Uint8Array(1))) > 0;
  checkLength(end, dataStart, reader.taken, more);
  return data;
}

async function readAll(reader: ByteReader, fileBytes: number, options: ParseOptions): Promise<SafeTensors> {
  const length = await take(reader, LENGTH_BYTES, fileBytes);
  const dataStart = headerEnd(length, fileBytes);
  const header = readHeader(await take(reader, dataStart, fileBytes, length), options.trusted);
  const data = await takeData(reader, checkLayout(header), dataStart, fileBytes);
  return makeTensors(header, (info) => ({ bytes: data.get(info) ?? new Uint8Array(0), at: 0 }), options);
}

/**
 * Reads a safetensors file while it comes, and refuses what `parse` refuses, with the same codes and offsets. The header is
 * checked before data is read, and the file is never held twice: each tensor gets memory of its own, as its data comes. (One of
 * more than 128 MiB is moved as it grows, except from a `Blob`, whose size is known.) A source that breaks the format is
 * cancelled, so that the rest of a download does not come.
 *
 * @param source a `Response`, a `Blob` or `File`, or a stream of bytes; it is read to its end
 * @param options as for `parse`
 * @returns the tensors, in the order of the header, and the metadata
 * @throws FormatError (as a rejection) as `parse`; a stream that ends early or goes on is MetadataIncompleteBuffer
 * @throws DataError for a `Response` that is not `ok`
 * @throws OutOfMemoryError if there is no room for a tensor
 * @throws TypeError for another source, one that is being read already, or chunks that are not Uint8Arrays; what the stream
 *   fails with passes through
 */
export async function parseStream(source: ByteSource, options: ParseOptions = {}): Promise<SafeTensors> {
  if (!(source instanceof Object) || !["getReader", "stream", "body"].some((key) => key in source))
    throw new TypeError(`parseStream: expected a ReadableStream, a Blob or a Response, got ${typeof source}`);
  const { stream, fileBytes } = open(source);
  const reader = new ByteReader(stream);
  try {
    const result = await readAll(reader, fileBytes, options);
    reader.release();
    return result;
  } catch (error) {
    await reader.cancel(error);
    throw error;
  }
}
