// gzip files made byte by byte.
/** Parts end to end. */
export const join = (...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));

/** Four bytes, lowest first. */
export const word = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
/** The header of a member without fields. */
export const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/** What most files here hold. */
export const ABC = new Uint8Array([97, 98, 99]);
/** Its checksum. */
export const ABC_CRC = 0x352441c2; // zlib.crc32(b"abc") of Python
/** "abc" as a stored block. */
export const STORED = [1, 3, 0, 0xfc, 0xff, 97, 98, 99];
/** Its checksum and length. */
export const TRAILER = [...word(ABC_CRC), ...word(3)];
/** A sound file of it. */
export const ABC_ZIPPED = join(HEADER, STORED, TRAILER);
/** A sound file of nothing. */
export const EMPTY_ZIPPED = join(HEADER, [3, 0], new Uint8Array(8));

/** A deflate stream from [value, bits], lowest bit first; a negative count writes a prefix code, highest bit first. */
export function deflated(...fields: [value: number, bits: number][]): number[] {
  const bits = fields.flatMap(([value, count]) => {
    const list = Array.from({ length: Math.abs(count) }, (_, i) => (value >> i) & 1);
    return count < 0 ? list.reverse() : list;
  });
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, i) => {
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  });
  return bytes;
}

/** The fixed code of a length symbol; 257 stands for three bytes. */
export const match = (symbol: number): [number, number] =>
  symbol < 280 ? [symbol - 256, -7] : [symbol - 280 + 0xc0, -8];

const ones = (bits: number): [number, number][] => Array.from({ length: bits }, () => [1, 1]);
/** Files that must be refused. */
export const CORRUPT: [what: string, bytes: Uint8Array<ArrayBuffer>][] = [
  ["nothing", new Uint8Array(0)],
  ["a header alone", join(HEADER)],
  ["no magic", join([0x1f, 0x8c], ABC_ZIPPED.subarray(2))],
  ["a zlib stream", join([0x78, 0x9c], STORED, TRAILER, TRAILER)],
  ["another compression method", join([0x1f, 0x8b, 7], ABC_ZIPPED.subarray(3))],
  ["a reserved flag", join([0x1f, 0x8b, 8, 0x20], ABC_ZIPPED.subarray(4))],
  ["an extra field beyond the end", join([0x1f, 0x8b, 8, 4], HEADER.slice(4), [255, 255], STORED, TRAILER)],
  ["a name without an end", join([0x1f, 0x8b, 8, 8], HEADER.slice(4), new Uint8Array(20).fill(65))],
  ["a comment without an end", join([0x1f, 0x8b, 8, 16], HEADER.slice(4), new Uint8Array(20).fill(65))],
  ["a wrong checksum", join(HEADER, STORED, word(ABC_CRC ^ 1), word(3))],
  ["a length too small", join(HEADER, STORED, word(ABC_CRC), word(2))],
  ["a length too great", join(HEADER, STORED, word(ABC_CRC), word(4))],
  ["a length beyond any ratio", join(HEADER, STORED, word(ABC_CRC), word(1032 * 8 + 1))],
  ["no last block", join(HEADER, [0], STORED.slice(1), TRAILER)],
  ["a block of type 3", join(HEADER, [7, 0, 0], TRAILER)],
  ["a stored block of two lengths", join(HEADER, [1, 3, 0, 0xfd], STORED.slice(4), TRAILER)],
  ["a stored block beyond the end", join(HEADER, [1, 9, 0, 0xf6, 0xff, 97, 98, 99], TRAILER)],
  ["a distance to before the start", join(HEADER, deflated([1, 1], [1, 2], match(257), [0, -5], [0, -7]), TRAILER)],
  ["length symbol 286", join(HEADER, deflated([1, 1], [1, 2], [0x91, -8], match(286), [0, -5], [0, -7]), TRAILER)],
  ["distance symbol 30", join(HEADER, deflated([1, 1], [1, 2], [0x91, -8], match(257), [30, -5], [0, -7]), TRAILER)],
  ["287 literal codes", join(HEADER, deflated([1, 1], [2, 2], [30, 5], [0, 5], [0, 4], [0, 30]), TRAILER)],
  ["31 distance codes", join(HEADER, deflated([1, 1], [2, 2], [0, 5], [30, 5], [0, 4], [0, 30]), TRAILER)],
  ["too many short codes", join(HEADER, deflated([1, 1], [2, 2], [0, 5], [0, 5], [0, 4], [0b1001001001, 12]), TRAILER)],
  ["too few codes", join(HEADER, deflated([1, 1], [2, 2], [0, 5], [0, 5], [0, 4], [0b010, 12]), TRAILER)],
  [
    "a repeat of nothing",
    join(HEADER, deflated([1, 1], [2, 2], [0, 5], [0, 5], [0, 4], [0b001001, 12], [0, -1], [0, 20]), TRAILER),
  ],
  [
    "no code for the end of a block", // 256 literals of length 8, then a zero for the end and for the only distance
    join(
      HEADER,
      deflated([1, 1], [2, 2], [0, 5], [0, 5], [1, 4], [0, 9], [1, 3], [1, 3], ...ones(256), [0, 2]),
      TRAILER,
    ),
  ],
  ["a zero after it", join(ABC_ZIPPED, [0])],
  ["eight zeros after it", join(ABC_ZIPPED, new Uint8Array(8))],
  ["a kilobyte of zeros after it", join(ABC_ZIPPED, new Uint8Array(1024))],
  ["the same member again", join(ABC_ZIPPED, ABC_ZIPPED)],
  ["its own trailer again", join(ABC_ZIPPED, TRAILER)],
  ["a byte between data and trailer", join(HEADER, STORED, [0], TRAILER)],
  ["a zero and its own trailer again", join(ABC_ZIPPED, [0], TRAILER)],
  ["zeros and its own trailer again", join(ABC_ZIPPED, new Uint8Array(100), TRAILER)],
  ["an empty member before it", join(EMPTY_ZIPPED, ABC_ZIPPED)],
  ["an empty stored member before it", join(HEADER, [1, 0, 0, 0xff, 0xff], new Uint8Array(8), ABC_ZIPPED)],
  ["an empty member of two blocks before it", join(HEADER, [0, 0, 0, 0xff, 0xff, 3, 0], new Uint8Array(8), ABC_ZIPPED)],
  ["two empty members", join(EMPTY_ZIPPED, EMPTY_ZIPPED)],
  ["zeros after an empty member", join(EMPTY_ZIPPED, [0])],
  ["a zero after an empty stored member", join(HEADER, [1, 0, 0, 0xff, 0xff], new Uint8Array(9))],
  ["an empty member after it", join(ABC_ZIPPED, HEADER, [3, 0], new Uint8Array(8))],
];
