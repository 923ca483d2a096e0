import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError } from "../../src/core/errors.ts";
import { crc32 } from "../../src/io/crc32.ts";
import { gunzip } from "../../src/io/gunzip.ts";
import {
  ABC,
  ABC_CRC,
  ABC_ZIPPED,
  CORRUPT,
  deflated,
  EMPTY_ZIPPED,
  HEADER,
  join,
  match,
  STORED,
  TRAILER,
  word,
} from "./malformedGzip.ts";

const zip = suite("gunzip");
const LIMIT = 2 ** 24;

/** Packs with the platform's encoder. */
async function packed(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

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

zip("refuses a file that tells of more bytes than its contents do", async () => {
  const data = mixed(100_000, 4);
  const zipped = await packed(data);
  const heads: Uint8Array[] = [];
  const asked = (length: number | undefined) => (head: Uint8Array) => {
    heads.push(head);
    return length;
  };
  for (const length of [0, 5, 70_000, 99_999]) {
    const error = await gunzip(zipped, LIMIT, asked(length)).catch((reason: unknown) => reason);
    assert.ok(error instanceof FormatError && error.code === "InvalidGzip", String(error));
    assert.is(error.offset, 10);
    assert.match(error.message, `tell of 100000 bytes, but the contents of ${length}`);
  }
  for (const length of [100_000, 200_000, undefined]) assert.equal(await gunzip(zipped, LIMIT, asked(length)), data);
  for (const head of heads) assert.equal(head, data.slice(0, 64));
  assert.is(heads.length, 7);
});

zip("lets nothing follow a member whose contents have the length that they give themselves", async () => {
  // Node lets zeros follow a member; the last four of these bytes tell of 1,792.
  const followed = join(await packed(mixed(3, 1)), [0, 0, 7, 0, 0]);
  const error = await gunzip(followed, LIMIT, () => 3).catch((reason: unknown) => reason);
  assert.ok(error instanceof FormatError && error.code === "InvalidGzip", String(error));
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
