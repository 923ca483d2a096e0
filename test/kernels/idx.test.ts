import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, memory, put, reset, take } from "../support/kernels.ts";

const idx = suite("kernels/idx");
idx.before.each(reset);

interface Header {
  code: number;
  words: number[];
}

/** idxHeader over the first 36 bytes of a file that is `length` bytes long. */
function readHeader(bytes: readonly number[], length = bytes.length): Header {
  const out = put(new Uint8Array(48).fill(0xee));
  const code = kernels.idxHeader!(put(Uint8Array.from([...bytes, ...new Array<number>(36).fill(0xaa)])), length, out);
  return { code, words: Array.from(take(Int32Array, out, 12), (word) => word >>> 0) };
}

/** Big-endian bytes of u32 sizes. */
const sizes = (...dims: number[]): number[] =>
  dims.flatMap((dim) => [dim >>> 24, dim >>> 16, dim >>> 8, dim].map((b) => b & 255));

/** `n` elements of `elementBytes` bytes each, in a pattern that repeats late. */
function noise(n: number, elementBytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: n * elementBytes }, (_, i) => (i * 37 + 129 + (i >> 3)) & 255);
}

/** Every kernel, its element's bytes, and what DataView makes of the element at byte i. */
const DECODERS: [name: string, bytes: number, read: (view: DataView, at: number) => number, float: boolean][] = [
  ["idxUint8", 1, (view, at) => view.getUint8(at), false],
  ["idxInt8", 1, (view, at) => view.getInt8(at), false],
  ["idxInt16", 2, (view, at) => view.getInt16(at), false],
  ["idxInt32", 4, (view, at) => view.getInt32(at), false],
  ["idxFloat32", 4, (view, at) => view.getFloat32(at), true],
  ["idxFloat64", 8, (view, at) => view.getFloat64(at), true],
];

function outputOf(name: string, float: boolean, address: number, n: number): Float32Array | Int32Array | Uint8Array {
  if (float) return take(Float32Array, address, n);
  return name === "idxUint8" ? take(Uint8Array, address, n) : take(Int32Array, address, n);
}

for (const [name, bytes, read, float] of DECODERS) {
  const width = name === "idxUint8" ? 1 : 4;

  idx(`${name} decodes 0 to 70 elements like DataView and writes nothing behind them`, () => {
    for (let n = 0; n <= 70; n++) {
      reset();
      const file = noise(n, bytes);
      const view = new DataView(file.buffer);
      const y = put(new Uint8Array(n * width + 16).fill(0xee));
      kernels[name]!(put(file), y, n);
      const got = outputOf(name, float, y, n);
      for (let i = 0; i < n; i++) {
        const value = read(view, i * bytes);
        assert.ok(
          Object.is(got[i], float ? Math.fround(value) : value),
          `n ${n}, element ${i}: ${got[i]}, not ${value}`,
        );
      }
      assert.equal([...take(Uint8Array, y + n * width, 16)], new Array<number>(16).fill(0xee));
    }
  });

  idx(`${name} gives an element the same bits wherever it stands`, () => {
    const file = noise(65, bytes);
    const whole = put(new Uint8Array(65 * width));
    const single = put(new Uint8Array(width));
    const x = put(file);
    kernels[name]!(x, whole, 65);
    for (let i = 0; i < 65; i++) {
      kernels[name]!(x + i * bytes, single, 1);
      assert.equal(take(Uint8Array, single, width), take(Uint8Array, whole + i * width, width));
    }
  });
}

idx("idxInt32 and idxFloat32 work in place", () => {
  const x = put(Uint8Array.from(sizes(1, 2, 0x80000000, 4, 0x01020304)));
  kernels.idxInt32!(x, x, 5);
  assert.equal([...take(Int32Array, x, 5)], [1, 2, -0x80000000, 4, 0x01020304]);
  const y = put(Uint8Array.from(sizes(0x3f800000, 0xc0000000, 0, 0x80000000, 0x7f800000)));
  kernels.idxFloat32!(y, y, 5);
  assert.ok([1, -2, 0, -0, Infinity].every((value, i) => Object.is(take(Float32Array, y, 5)[i], value)));
});

idx("idxFloat32 keeps every bit of NaN, subnormal and infinite values", () => {
  const bits = [0x7fc00000, 0x7f800001, 0xffc12345, 0xffa00001, 1, 0x807fffff, 0x7f7fffff, 0xff800000, 0x7fa55555];
  const y = put(new Uint8Array(36));
  kernels.idxFloat32!(put(Uint8Array.from(sizes(...bits))), y, 9);
  assert.equal(
    Array.from(take(Int32Array, y, 9), (word) => word >>> 0),
    bits,
  );
});

idx("idxFloat64 rounds to the nearest float32, ties to even, and to infinity and zero at the ends", () => {
  const values = [
    1 + 2 ** -24,
    1 + 3 * 2 ** -24,
    1 + 2 ** -24 + 2 ** -50,
    1e39,
    -1e39,
    1e-46,
    -1e-46,
    1e-45,
    Math.PI,
    -0,
    NaN,
    3.4028235677973366e38,
  ];
  // IEEE 754 by hand: half an ulp of 1 ties down to 1, three halves tie up; the last is halfway past the largest float32.
  const expected = [
    1,
    1 + 2 ** -22,
    1 + 2 ** -23,
    Infinity,
    -Infinity,
    0,
    -0,
    2 ** -149,
    3.1415927410125732,
    -0,
    NaN,
    Infinity,
  ];
  const file = new DataView(new ArrayBuffer(8 * values.length));
  for (const [i, value] of values.entries()) file.setFloat64(8 * i, value);
  const x = put(file);
  kernels.idxFloat64!(x, x, values.length);
  const got = take(Float32Array, x, values.length);
  for (const [i, value] of expected.entries())
    assert.ok(Object.is(got[i], value), `${values[i]}: ${got[i]}, not ${value}`);
});

idx("idxFloat64 gives one NaN whatever the NaN", () => {
  const x = put(Uint8Array.from([0x7f, 0xf0, 0, 0, 0, 0, 0, 1, 0xff, 0xf8, 1, 2, 3, 4, 5, 6]));
  const y = put(new Int32Array(2));
  kernels.idxFloat64!(x, y, 2);
  assert.equal([...take(Int32Array, y, 2)], [0x7fc00000, 0x7fc00000]);
});

idx("bytesToFloat divides every byte by 255, correctly rounded, in the body and in the tail", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const offset of [0, 1, 7, 15]) {
    reset();
    const n = 256 - offset;
    const y = put(new Uint8Array(4 * n + 16).fill(0xee));
    kernels.bytesToFloat!(put(bytes) + offset, y, n);
    const got = take(Float32Array, y, n);
    // exact: f64 has more than twice f32's bits, so rounding its quotient again gives the correctly rounded f32 quotient
    for (let i = 0; i < n; i++) assert.is(got[i], Math.fround((i + offset) / 255));
    assert.equal([...take(Uint8Array, y + 4 * n, 16)], new Array<number>(16).fill(0xee));
  }
});

idx("bytesToFloat differs from a product with 1/255, which ToTensor does not take", () => {
  const reciprocal = Math.fround(1 / 255);
  let differing = 0;
  for (let b = 0; b < 256; b++) if (Math.fround(b / 255) !== Math.fround(b * reciprocal)) differing++;
  assert.is(differing, 126); // otherwise the test above could not tell the two formulas apart
});

idx("bytesToFloat takes 0 to 70 elements", () => {
  for (let n = 0; n <= 70; n++) {
    reset();
    const bytes = noise(n, 1);
    const y = put(new Float32Array(n + 4).fill(-7));
    kernels.bytesToFloat!(put(bytes), y, n);
    assert.equal(
      [...take(Float32Array, y, n + 4)],
      [...Array.from(bytes, (b) => Math.fround(b / 255)), -7, -7, -7, -7],
    );
  }
});

idx("idxHeader writes type, rank, sizes, count and data offset for every type", () => {
  const types: [type: number, bytes: number][] = [
    [0x08, 1],
    [0x09, 1],
    [0x0b, 2],
    [0x0c, 4],
    [0x0d, 4],
    [0x0e, 8],
  ];
  for (const [type, bytes] of types) {
    reset();
    const tiny = readHeader([0, 0, type, 1, ...sizes(1)], 8 + bytes);
    assert.equal(tiny, { code: 0, words: [type, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 8] });
    const cube = readHeader([0, 0, type, 3, ...sizes(258, 3, 5)], 16 + 3870 * bytes);
    assert.equal(cube, { code: 0, words: [type, 3, 258, 3, 5, 0, 0, 0, 0, 0, 3870, 16] });
    const deep = readHeader([0, 0, type, 8, ...sizes(1, 2, 1, 3, 1, 1, 2, 2)], 36 + 24 * bytes);
    assert.equal(deep, { code: 0, words: [type, 8, 1, 2, 1, 3, 1, 1, 2, 2, 24, 36] });
  }
});

idx("idxHeader takes an empty dimension and the largest file", () => {
  assert.equal(readHeader([0, 0, 8, 2, ...sizes(0, 5)]), { code: 0, words: [8, 2, 0, 5, 0, 0, 0, 0, 0, 0, 0, 12] });
  assert.is(readHeader([0, 0, 8, 1, ...sizes(0xfffffff6)], 0xfffffffe).code, 0);
});

const BIG = 0xffffffff;
/** Bad headers: what is wrong, the bytes, the file's length if it is not theirs, the code. */
const DEFECTS: [defect: string, bytes: number[], length: number | undefined, code: number][] = [
  ["an empty file", [], undefined, 1],
  ["one byte", [0], undefined, 1],
  ["three bytes", [0, 0, 8], undefined, 1],
  ["no sizes", [0, 0, 8, 1], undefined, 1],
  ["a size cut short", [0, 0, 8, 1, 0, 0, 0], undefined, 1],
  ["the last of three sizes missing", [0, 0, 8, 3, ...sizes(1, 1)], undefined, 1],
  ["the last byte of eight sizes missing", [0, 0, 8, 8, ...sizes(1, 1, 1, 1, 1, 1, 1, 1)], 35, 1],
  ["byte 0 set", [1, 0, 8, 1, ...sizes(1), 0], undefined, 2],
  ["byte 1 set", [0, 1, 8, 1, ...sizes(1), 0], undefined, 2],
  ["gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], undefined, 2],
  ["a little-endian magic", [1, 8, 0, 0, 1, 0, 0, 0, 0], undefined, 2],
  ["type 0", [0, 0, 0, 1, ...sizes(1), 0], undefined, 3],
  ["type 0x07", [0, 0, 7, 1, ...sizes(1), 0], undefined, 3],
  ["type 0x0a", [0, 0, 10, 1, ...sizes(1), 0], undefined, 3],
  ["type 0x0f", [0, 0, 15, 1, ...sizes(1), 0], undefined, 3],
  ["type 0xff", [0, 0, 255, 1, ...sizes(1), 0], undefined, 3],
  ["rank 0", [0, 0, 8, 0, 0], undefined, 4],
  ["rank 9", [0, 0, 8, 9, ...sizes(1, 1, 1, 1, 1, 1, 1, 1, 1), 0], undefined, 4],
  ["rank 255", [0, 0, 8, 255, ...sizes(1), 0], undefined, 4],
  ["2^32 elements", [0, 0, 8, 2, ...sizes(0x10000, 0x10000)], undefined, 5],
  ["a product that is 0 mod 2^64", [0, 0, 8, 4, ...sizes(0x10000, 0x10000, 0x10000, 0x10000)], undefined, 5],
  ["a product that is 1 mod 2^64", [0, 0, 8, 3, ...sizes(BIG, BIG, BIG), 0], undefined, 5],
  ["bytes that are 0 mod 2^32", [0, 0, 0x0e, 1, ...sizes(0x20000000)], undefined, 5],
  ["bytes that overflow with the header", [0, 0, 8, 1, ...sizes(0xfffffff8)], undefined, 5],
  ["a total one above the largest", [0, 0, 8, 1, ...sizes(0xfffffff7)], BIG, 5],
  ["huge sizes before an empty one", [0, 0, 8, 3, ...sizes(BIG, BIG, 0)], undefined, 5],
  ["huge sizes behind an empty one", [0, 0, 8, 3, ...sizes(0, BIG, BIG)], undefined, 5],
  [
    "sizes behind an empty one that are 0 mod 2^64",
    [0, 0, 8, 5, ...sizes(0, 65536, 65536, 65536, 65536)],
    undefined,
    5,
  ],
  ["no data", [0, 0, 8, 1, ...sizes(1)], undefined, 6],
  ["the last byte of an int32 missing", [0, 0, 0x0c, 1, ...sizes(2), 0, 0, 0, 0, 0, 0, 0], undefined, 6],
  ["4 GB promised, one byte there", [0, 0, 8, 1, ...sizes(0xfffffff6), 0], undefined, 6],
  ["one byte too many", [0, 0, 8, 1, ...sizes(1), 0, 0], undefined, 7],
  ["bytes behind no elements", [0, 0, 0x0d, 2, ...sizes(5, 0), 0], undefined, 7],
  ["more bytes than u32 counts behind the largest file", [0, 0, 8, 1, ...sizes(0xfffffff6)], BIG, 7],
];

for (const [defect, bytes, length, code] of DEFECTS)
  idx(`idxHeader answers ${code} to ${defect}`, () => {
    assert.is(readHeader(bytes, length).code, code);
  });

idx("idxHeader gives the layout of a file that is too short or too long", () => {
  assert.equal(readHeader([0, 0, 0x0b, 2, ...sizes(3, 4)]).words, [0x0b, 2, 3, 4, 0, 0, 0, 0, 0, 0, 12, 12]);
  assert.equal(readHeader([0, 0, 0x0b, 1, ...sizes(1), 1, 2, 3]).words, [0x0b, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 8]);
});

idx("idxHeader reads no byte behind the header", () => {
  const end = memory.buffer.byteLength; // a read behind it would trap
  new Uint8Array(memory.buffer).set([0, 0, 8, 1, 0, 0, 0, 5], end - 8);
  assert.is(kernels.idxHeader!(end - 8, 13, put(new Uint8Array(48))), 0);
  new Uint8Array(memory.buffer).set([0, 0, 8], end - 3);
  assert.is(kernels.idxHeader!(end - 3, 3, put(new Uint8Array(48))), 1);
});

idx.run();
