import { FormatError } from "../core/errors.ts";
import { crc32 } from "./crc32.ts";

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const DEFLATE = 8;
// Flags of RFC 1952, section 2.3.1; the three bits above them are reserved.
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;
// A match of 258 bytes takes at least two bits.
const MAX_RATIO = 1032;
const HEAD_BYTES = 64;

function fail(offset: number, what: string): never {
  throw new FormatError("InvalidGzip", offset, `gunzip: ${what}`);
}

/** The byte after a zero-terminated text. */
function textEnd(bytes: Uint8Array, start: number): number {
  const zero = bytes.indexOf(0, start);
  return zero < 0 ? bytes.length : zero + 1;
}

/** Checks the member header and returns where the compressed data starts. */
function headerEnd(bytes: Uint8Array): number {
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES)
    fail(0, `a gzip file takes at least ${HEADER_BYTES + TRAILER_BYTES} bytes, got ${bytes.length}`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) fail(0, "a gzip file starts with the bytes 1f 8b; this is not one");
  if (bytes[2] !== DEFLATE) fail(2, `expected compression method ${DEFLATE} (deflate), got ${bytes[2]}`);
  const flags = bytes[3] ?? 0;
  if ((flags & RESERVED) !== 0) fail(3, `the reserved flags must be zero, got 0x${flags.toString(16)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = HEADER_BYTES;
  if ((flags & EXTRA) !== 0) at += 2 + view.getUint16(at, true);
  if ((flags & NAME) !== 0) at = textEnd(bytes, at);
  if ((flags & COMMENT) !== 0) at = textEnd(bytes, at);
  if ((flags & HEADER_CRC) !== 0) {
    if (at + 2 > bytes.length) fail(at, "the header does not end before the file");
    const crc = crc32(bytes, 0, at) & 0xffff;
    if (view.getUint16(at, true) !== crc) fail(at, "the checksum of the header does not match; the file is corrupt");
    at += 2;
  }
  if (at + TRAILER_BYTES > bytes.length) fail(at, "the header does not end before the file");
  return at;
}

/** What a decompressor gave: `data` is full where `more` would have come. */
interface Unpacked {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly more: boolean;
}

/** Unpacks up to `size` bytes with the platform's decompressor, whose errors become one of ours. */
async function inflate(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Unpacked> {
  const data = new Uint8Array(size);
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { data, length, more: false };
      const part = value.subarray(0, size - length);
      data.set(part, length);
      length += part.length;
      if (part.length === value.length) continue;
      await reader.cancel();
      return { data, length, more: true };
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return fail(0, `the compressed data is corrupt or cut short (${reason})`);
  }
}

/** True where the data starts with a last block that holds nothing, so that a member ends right behind it. */
function isEmptyBlock(bytes: Uint8Array, start: number): boolean {
  const starts = (block: readonly number[]) => block.every((byte, i) => bytes[start + i] === byte);
  return starts([3, 0]) || starts([1, 0, 0, 255, 255]);
}

/** What the last eight bytes tell of the output: its length and its CRC-32. */
interface Trailer {
  readonly size: number;
  readonly crc: number;
}

/** Reads the trailer and checks that the length it tells can be true and is allowed. */
function readTrailer(bytes: Uint8Array, start: number, end: number, maxBytes: number): Trailer {
  const view = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES);
  const size = view.getUint32(4, true);
  if (size > (end - start) * MAX_RATIO)
    fail(
      end + 4,
      `the last four bytes tell of ${size} bytes, but ${end - start} compressed ones cannot hold them; \
the file is corrupt, cut short or followed by something`,
    );
  if (size > maxBytes)
    throw new FormatError(
      "GzipTooLarge",
      end + 4,
      `gunzip: the file unpacks to ${size} bytes by its last four, but at most ${maxBytes} are allowed here`,
    );
  return { size, crc: view.getUint32(0, true) };
}

/** Unpacks the whole data and compares it with the trailer, which some platforms' decompressors do not read to the end. */
async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
  { size, crc }: Trailer,
): Promise<Uint8Array<ArrayBuffer>> {
  // Behind an empty member some platforms would go on with the next.
  if (size > 0 && isEmptyBlock(bytes, start))
    fail(start, "an empty member is followed by another; expected exactly one");
  const { data, length, more } = await inflate(bytes, size);
  if (more || length !== size)
    fail(
      end + 4,
      `the data unpacks to ${more ? "more than " : ""}${length} bytes, but the last four bytes tell ${size}; the file is corrupt or followed by something`,
    );
  if (crc32(data) !== crc)
    fail(end, "the checksum of the unpacked data does not match; the file is corrupt or followed by something");
  return data;
}

/** The length that the contents give themselves, from their first bytes, or undefined where they do not tell. */
export type LengthOf = (head: Uint8Array) => number | undefined;

/**
 * Unpacks a gzip file of exactly one member, with nothing before or after it, and verifies its length and CRC-32. Every
 * runtime gives the same answer. The output is allocated once, at the size that the file tells, so a bomb costs at most
 * `maxBytes`.
 *
 * @param bytes the whole file
 * @param maxBytes the most bytes that the output may have, a whole number from 0 on
 * @param lengthOf asked once, with up to 64 bytes from the start of the output. If the file tells of more bytes than the
 * contents do, unpacking stops one byte after the length of the contents, unverified, for their own reader to refuse
 * @returns the unpacked bytes
 * @throws FormatError (as a rejection) InvalidGzip for a file that is corrupt, cut short or followed by anything, zeros and
 * a second member included; GzipTooLarge if it tells of more than `maxBytes`
 * @throws RangeError (as a rejection) if `maxBytes` is not a whole number from 0 on; whatever `lengthOf` throws
 * @see RFC 1952
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
  lengthOf?: LengthOf,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
    throw new RangeError(`gunzip: maxBytes must be a whole number from 0 on, got ${maxBytes}`);
  const start = headerEnd(bytes);
  const end = bytes.length - TRAILER_BYTES;
  const trailer = readTrailer(bytes, start, end, maxBytes);
  if (lengthOf === undefined) return unpack(bytes, start, end, trailer);
  const head = await inflate(bytes, Math.min(HEAD_BYTES, trailer.size));
  const expected = lengthOf(head.data.subarray(0, head.length)) ?? trailer.size;
  if (trailer.size <= expected) return unpack(bytes, start, end, trailer);
  const partial = await inflate(bytes, expected + 1);
  return partial.data.subarray(0, partial.length);
}
