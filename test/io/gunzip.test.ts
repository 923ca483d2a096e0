import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { crc32 } from "../../src/io/crc32.ts";
import { gunzip } from "../../src/io/gunzip.ts";

const zip = suite("gunzip");
const LIMIT = 2 ** 24;

const join = (...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));

/** Packs with the platform's encoder. */
async function packed(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const word = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const ABC = new Uint8Array([97, 98, 99]);
const ABC_CRC = 0x352441c2; // zlib.crc32(b"abc") of Python
/** "abc" as a stored block. */
const STORED = [1, 3, 0, 0xfc, 0xff, 97, 98, 99];
const TRAILER = [...word(ABC_CRC), ...word(3)];
const ABC_ZIPPED = join(HEADER, STORED, TRAILER);
const EMPTY_ZIPPED = join(HEADER, [3, 0], new Uint8Array(8));

/** Bytes of every kind that a seed gives: runs, repeats and noise. */
function mixed(n: number, seed: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(n);
  let state = seed;
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const kind = (i >> 9) % 4;
    data[i] = kind === 0 ? 7 : kind === 1 ? state >>> 24 : kind === 2 ? (data[i - 300] ?? 0) : (state >>> 24) & 3;
  }
  return data;
}

/** The code of the FormatError, or "unpacked"; any other error passes through. */
async function codeOf(bytes: Uint8Array<ArrayBuffer>, maxBytes = LIMIT): Promise<string> {
  try {
    await gunzip(bytes, maxBytes);
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return "unpacked";
}

/** A deflate stream from [value, bits], lowest bit first; a negative count writes a prefix code, highest bit first. */
function deflated(...fields: [value: number, bits: number][]): number[] {
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
const match = (symbol: number): [number, number] => (symbol < 280 ? [symbol - 256, -7] : [symbol - 280 + 0xc0, -8]);

zip("computes CRC-32", () => {
  assert.is(crc32(new TextEncoder().encode("123456789")), 0xcbf43926); // the check value of the standard
  assert.is(crc32(new Uint8Array(0)), 0);
  assert.is(crc32(ABC), ABC_CRC);
  assert.is(crc32(join([1], ABC, [2]), 1, 4), ABC_CRC);
});

zip("unpacks what the platform packs", async () => {
  for (const n of [0, 1, 2, 300, 65_535, 65_536, 200_000]) {
    const data = mixed(n, n + 1);
    assert.equal(await gunzip(await packed(data), LIMIT), data, `${n} bytes`);
  }
});

zip("unpacks stored, fixed and dynamic blocks one after the other", async () => {
  const stored = [0, ...STORED.slice(1)];
  const fixed = deflated([0, 1], [1, 2], [0x30 + 100, -8], match(257), [0, -5], [0, -7], [0, 3]);
  const align = [0, 0, 0xff, 0xff]; // the lengths of an empty stored block, whose type is the last field above
  // zlib.compressobj(9, 8, -15) of Python for b"bacaddddbadaddadcbacaaaadbdabddbcbb", which takes a dynamic block.
  const dynamic = [
    0x0d, 0xc8, 0x41, 0x0d, 0x00, 0x00, 0x0c, 0x83, 0x40, 0xad, 0x30, 0xfc, 0x6b, 0x58, 0xef, 0x43, 0x82, 0x1c, 0x8d,
    0xb4, 0xd2, 0xb9, 0x31, 0x19, 0x6e, 0x9f, 0x3e,
  ];
  const text = new TextEncoder().encode("abcddddbacaddddbadaddadcbacaaaadbdabddbcbb");
  const zipped = join(HEADER, stored, fixed, align, dynamic, word(crc32(text)), word(text.length));
  assert.equal(await gunzip(zipped, LIMIT), text);
});

zip("unpacks matches that run into themselves, up to the greatest distance", async () => {
  const data = new Uint8Array(32_768 + 600);
  data.set(mixed(300, 5));
  data.set(data.subarray(0, 300), 32_768);
  assert.equal(await gunzip(await packed(data), LIMIT), data);
});

zip("skips the fields of the header", async () => {
  const fields = join([0x1f, 0x8b, 8, 1 | 2 | 4 | 8 | 16, 1, 2, 3, 4, 2, 3], [3, 0, 9, 9, 9], [110, 0], [99, 99, 0]);
  const crc = crc32(fields) & 0xffff;
  assert.equal(await gunzip(join(fields, [crc & 255, crc >> 8], STORED, TRAILER), LIMIT), ABC);
  assert.is(await codeOf(join(fields, [(crc & 255) ^ 1, crc >> 8], STORED, TRAILER)), "InvalidGzip");
});

zip("unpacks from the middle of a buffer and leaves the input alone", async () => {
  const around = join([1, 2, 3], ABC_ZIPPED, [4, 5]);
  const before = around.slice();
  assert.equal(await gunzip(around.subarray(3, 3 + ABC_ZIPPED.length), LIMIT), ABC);
  assert.equal(around, before);
});

const ones = (bits: number): [number, number][] => Array.from({ length: bits }, () => [1, 1]);
const CORRUPT: [what: string, bytes: Uint8Array<ArrayBuffer>][] = [
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

for (const [what, bytes] of CORRUPT) {
  zip(`refuses ${what}`, async () => {
    assert.is(await codeOf(bytes), "InvalidGzip");
  });
}

zip("refuses every cut", async () => {
  const whole = await packed(mixed(3000, 3));
  assert.is(await codeOf(whole), "unpacked");
  for (let n = 0; n < whole.length; n++) assert.is(await codeOf(whole.subarray(0, n)), "InvalidGzip", `${n} bytes`);
  for (let n = HEADER.length; n < whole.length - 8; n += 7)
    assert.is(
      await codeOf(join(whole.subarray(0, n), whole.subarray(-8))),
      "InvalidGzip",
      `${n} bytes and the trailer`,
    );
});

zip("never gives other data where a bit has changed", async () => {
  const data = mixed(600, 9);
  const whole = await packed(data);
  let unpacked = 0;
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const changed = whole.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const code = await codeOf(changed);
    if (code === "unpacked") assert.equal(await gunzip(changed, LIMIT), data, `bit ${bit}`);
    // The text flag, the time and the system say nothing of the data.
    const ignored = bit === 24 || (bit >= 32 && bit < 80);
    const framing = bit < 80 || bit >= (whole.length - 8) * 8;
    if (framing) assert.is(code, ignored ? "unpacked" : "InvalidGzip", `bit ${bit}`);
    else if (code === "unpacked") unpacked++;
  }
  // Lengths of codes that do not occur, and the bits that fill up the last byte.
  assert.ok(unpacked < 40, `${unpacked} changes of the data had no effect`);
});

zip("unpacks up to the limit and not a byte more", async () => {
  assert.equal(await gunzip(ABC_ZIPPED, 3), ABC);
  assert.is(await codeOf(ABC_ZIPPED, 2), "GzipTooLarge");
  assert.is(await codeOf(EMPTY_ZIPPED, 0), "unpacked");
  assert.is(await codeOf(join(HEADER, [1, 0, 0, 0xff, 0xff], new Uint8Array(8)), 0), "unpacked");
});

zip("refuses a bomb before it unpacks, and one that lies at the length it told", async () => {
  const bomb = await packed(new Uint8Array(2 ** 25));
  assert.ok(bomb.length < 2 ** 16);
  assert.is(await codeOf(bomb, 2 ** 20), "GzipTooLarge");
  const lie = join(bomb.subarray(0, -4), word(1000));
  assert.is(await codeOf(lie, 2 ** 20), "InvalidGzip");
});

zip("stops one byte after the length that the contents give themselves", async () => {
  const data = mixed(100_000, 4);
  const zipped = await packed(data);
  const heads: Uint8Array[] = [];
  const asked = (length: number | undefined) => (head: Uint8Array) => {
    heads.push(head);
    return length;
  };
  for (const length of [0, 5, 70_000, 99_999])
    assert.equal(await gunzip(zipped, LIMIT, asked(length)), data.slice(0, length + 1));
  for (const length of [100_000, 200_000, undefined]) assert.equal(await gunzip(zipped, LIMIT, asked(length)), data);
  for (const head of heads) assert.equal(head, data.slice(0, 64));
  assert.is(heads.length, 7);
});

zip("asks for a length with all there is of a short file", async () => {
  let head = new Uint8Array(9);
  const lengthOf = (start: Uint8Array): undefined => {
    head = Uint8Array.from(start);
  };
  assert.equal(await gunzip(ABC_ZIPPED, LIMIT, lengthOf), ABC);
  assert.equal(head, ABC);
});

zip("refuses a limit that is not a whole number", async () => {
  for (const limit of [-1, 0.5, Number.NaN, Infinity]) {
    const error = await gunzip(ABC_ZIPPED, limit).catch((reason: unknown) => reason);
    assert.ok(error instanceof RangeError && error.message.includes(String(limit)));
  }
});

zip.run();
