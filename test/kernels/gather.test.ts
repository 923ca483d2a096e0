import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";

const gather = suite("kernels/gather");
gather.before.each(reset);

const SIZES = [0, 1, 3, 4, 5, 16, 17, 65, 784, 1000];

/** A table of rows whose bytes tell row and column apart. */
const table = (rows: number, rowBytes: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    { length: rows * rowBytes },
    (_, i) => (Math.floor(i / rowBytes) * 101 + (i % rowBytes) * 7 + 3) & 255,
  );

gather("gatherRows copies the named rows, repeated and in any order, and nothing else", () => {
  for (const rowBytes of SIZES) {
    reset();
    const x = table(6, rowBytes);
    const indices = [5, 0, 3, 3, 1];
    const y = put(new Uint8Array(5 * rowBytes + 16).fill(0xee));
    kernels.gatherRows!(put(x), put(Int32Array.from(indices)), y, 5, rowBytes);
    const expected = indices.flatMap((row) => [...x.subarray(row * rowBytes, (row + 1) * rowBytes)]);
    assert.equal([...take(Uint8Array, y, 5 * rowBytes + 16)], [...expected, ...new Array<number>(16).fill(0xee)]);
  }
});

gather("gatherRows keeps the bits of floats", () => {
  const bits = Int32Array.from([0x7fa00001, -1, -0x80000000, 1, 0x7f800000, 0x7fc00000]);
  const y = put(new Int32Array(6));
  kernels.gatherRows!(put(bits), put(Int32Array.of(2, 0, 1)), y, 3, 8);
  assert.equal([...take(Int32Array, y, 6)], [0x7f800000, 0x7fc00000, 0x7fa00001, -1, -0x80000000, 1]);
});

gather("gatherBytes copies the named rows as bytes / 255, repeated and in any order, and nothing else", () => {
  for (const rowBytes of SIZES) {
    reset();
    const x = table(6, rowBytes);
    const indices = [5, 0, 3, 3, 1];
    const y = put(new Float32Array(5 * rowBytes + 4).fill(-7));
    kernels.gatherBytes!(put(x), put(Int32Array.from(indices)), y, 5, rowBytes);
    // exact: rounding the f64 quotient to f32 gives the correctly rounded f32 quotient
    const row = (r: number): number[] =>
      Array.from(x.subarray(r * rowBytes, (r + 1) * rowBytes), (b) => Math.fround(b / 255));
    assert.equal([...take(Float32Array, y, 5 * rowBytes + 4)], [...indices.flatMap(row), -7, -7, -7, -7]);
  }
});

gather("both write nothing for no rows", () => {
  const y = put(new Uint8Array(16).fill(0xee));
  kernels.gatherRows!(put(table(1, 8)), put(Int32Array.of(0)), y, 0, 8);
  kernels.gatherBytes!(put(table(1, 8)), put(Int32Array.of(0)), y, 0, 8);
  assert.equal([...take(Uint8Array, y, 16)], new Array<number>(16).fill(0xee));
});

gather.run();
