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
const PIECE_BYTES = 8192;

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

type Packed = Uint8Array<ArrayBuffer>;

/** In small pieces: some platforms unpack all of a piece at once, to a thousand times its length. */
function piecesOf(packed: Packed): ReadableStream<Packed> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at < packed.length) controller.enqueue(packed.subarray(at, at + PIECE_BYTES));
        else controller.close();
        at += PIECE_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Unpacks up to `size` bytes with the platform's decompressor, whose errors become one of ours. Platforms notice what is wrong
 * with the data at different places, so that all such errors name the byte where the data starts.
 */
async function inflate(packed: Packed, format: CompressionFormat, size: number, start: number): Promise<Unpacked> {
  const data = new Uint8Array(size);
  const reader = piecesOf(packed).pipeThrough(new DecompressionStream(format)).getReader();
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
    return fail(start, `the compressed data is corrupt, cut short or followed by something (${reason})`);
  }
}

/** The start of the output. Raw data never goes on to a second member, so an empty first one shows here. */
async function readHead(file: Packed, start: number, end: number, size: number): Promise<Uint8Array> {
  const expected = Math.min(HEAD_BYTES, size);
  const { data, length } = await inflate(file.subarray(start, end), "deflate-raw", expected, start);
  if (length < expected)
    fail(start, `the first member unpacks to ${length} bytes, but the last four bytes of the file tell ${size}`);
  return data;
}

const EMPTY_DATA = [
  [3, 0],
  [1, 0, 0, 255, 255],
];

/**
 * Refuses what some platforms let follow a member: zeros, whatever comes behind them, and more members.
 * The output is compared with the last eight bytes of the file, so the member's own trailer would have to say the same.
 * That a sound file's data holds these eight bytes and a zero is a chance of 2^-72 at each byte.
 */
function checkNothingFollows(bytes: Uint8Array, start: number, end: number, size: number): void {
  const refuse = (at: number): never =>
    fail(at, "something follows the first member; expected exactly one and nothing else");
  if (size === 0) {
    const isEmpty = EMPTY_DATA.some(
      (data) => data.length === end - start && data.every((byte, i) => bytes[start + i] === byte),
    );
    if (!isEmpty) refuse(start);
    return;
  }
  const first = bytes[end]!;
  for (let at = bytes.indexOf(first, start); at >= 0 && at < end; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < TRAILER_BYTES && bytes[at + same] === bytes[end + same]) same++;
    if (same === TRAILER_BYTES && bytes[at + same] === 0) refuse(at + same);
  }
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

/** Unpacks the whole file and compares it with the trailer, which some platforms' decompressors do not read to the end. */
async function unpack(file: Packed, start: number, { size, crc }: Trailer): Promise<Uint8Array<ArrayBuffer>> {
  const { data, length, more } = await inflate(file, "gzip", size, start);
  if (more || length !== size)
    fail(
      start,
      `the data unpacks to ${more ? "more than " : ""}${length} bytes, but the last four bytes tell ${size}; the file is corrupt or followed by something`,
    );
  if (crc32(data) !== crc)
    fail(start, "the checksum of the unpacked data does not match; the file is corrupt or followed by something");
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
 * @param lengthOf asked once, with up to 64 bytes from the start of the output. A file that tells of more bytes than its
 * contents do is refused before the rest is unpacked
 * @returns the unpacked bytes
 * @throws FormatError (as a rejection) InvalidGzip for a file that is corrupt, cut short or followed by anything, zeros and
 * a second member included, and for one that is empty in other words than encoders use (one fixed or one stored block);
 * GzipTooLarge if it tells of more than `maxBytes`
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
  checkNothingFollows(bytes, start, end, trailer.size);
  const head = await readHead(bytes, start, end, trailer.size);
  const expected = lengthOf?.(head) ?? trailer.size;
  if (trailer.size > expected)
    fail(
      start,
      `the last four bytes tell of ${trailer.size} bytes, but the contents of ${expected}; the file is corrupt or followed by something`,
    );
  return unpack(bytes, start, trailer);
}
