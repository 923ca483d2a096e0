import { suite } from "uvu";
import { same } from "../support/elementwise.ts";
import { kernels, put, reset, take } from "../support/kernels.ts";

const stridedCopy = suite("stridedCopy");

const CANARY = 90;

/** The strides of a contiguous row-major array. */
function contiguous(shape: number[]): number[] {
  return shape.map((_, d) => shape.slice(d + 1).reduce((product, n) => product * n, 1));
}

const count = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

/** What the copy means: element by element, by index. */
function reference(x: ArrayLike<number>, start: number, shape: number[], strides: number[]): number[] {
  const places = contiguous(shape);
  return Array.from({ length: count(shape) }, (_, k) => {
    const offset = shape.reduce((sum, n, d) => sum + (Math.floor(k / places[d]!) % n) * strides[d]!, 0);
    return x[start + offset]!;
  });
}

/**
 * Runs both kernels on 0, 1, 2, … (bytes: modulo 251, a prime) of `size` elements, beginning at element `start`; the result
 * begins at element `lead`, and what lies before and behind it stays.
 */
function check(size: number, shape: number[], strides: number[], start = 0, lead = 0): void {
  const pad = 6 - shape.length;
  const sizes = [...new Array<number>(pad).fill(1), ...shape];
  const steps = [...new Array<number>(pad).fill(0), ...strides];
  const before = new Array<number>(lead).fill(CANARY);
  const behind = new Array<number>(4).fill(CANARY);
  const what = `shape [${shape}], strides [${strides}]`;
  const n = count(shape);

  reset();
  const words = Int32Array.from({ length: size }, (_, i) => i * 1000003);
  const x = put(words);
  const y = put(new Int32Array(lead + n + 4).fill(CANARY));
  kernels["stridedCopy"]!(x, y, start, lead, ...sizes, ...steps);
  const expected = reference(words, start, shape, strides);
  same(take(Int32Array, y, lead + n + 4), [...before, ...expected, ...behind], what);

  const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
  const from = put(bytes);
  const to = put(new Uint8Array(lead + n + 4).fill(CANARY));
  kernels["stridedCopyBytes"]!(from, to, start, lead, ...sizes, ...steps);
  const expectedBytes = reference(bytes, start, shape, strides);
  same(take(Uint8Array, to, lead + n + 4), [...before, ...expectedBytes, ...behind], `bytes, ${what}`);
}

const SIZES = [0, 1, 3, 4, 5, 17, 65, 1000];

stridedCopy("copies contiguous rows of every length", () => {
  for (const n of SIZES) check(n, [n], [1]);
  for (const n of SIZES) check(2 * n, [2, n], [n, 1]);
});

stridedCopy("copies rows out of a wider array, at any start", () => {
  for (const n of [1, 3, 4, 5, 17]) check(200, [7, n], [23, 1], 2);
});

stridedCopy("writes from any start and nothing else", () => {
  for (const lead of [1, 2, 3, 4, 7]) for (const n of SIZES) check(n + 3, [n], [1], 3, lead);
  for (const lead of [1, 2, 3]) check(35, [7, 5], [1, 7], 0, lead);
});

stridedCopy("repeats one element along a row", () => {
  for (const n of SIZES) check(3, [3, n], [1, 0]);
});

stridedCopy("repeats one row", () => {
  for (const n of SIZES) check(n, [3, n], [0, 1]);
});

stridedCopy("repeats one element everywhere", () => {
  check(1, [2, 3, 5], [0, 0, 0]);
});

stridedCopy("transposes matrices of every shape around its blocks", () => {
  const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33];
  for (const rows of sizes) for (const cols of sizes) check(rows * cols, [cols, rows], [1, cols]);
});

stridedCopy("transposes the two last dimensions of a batch, and a part of a matrix", () => {
  check(2 * 3 * 9 * 21, [2, 3, 21, 9], [3 * 9 * 21, 9 * 21, 1, 21]);
  check(900, [13, 6], [1, 30], 5);
});

stridedCopy("takes every permutation of four dimensions", () => {
  const shape = [3, 4, 5, 6];
  const strides = contiguous(shape);
  for (let code = 0; code < 256; code++) {
    const order = [code & 3, (code >> 2) & 3, (code >> 4) & 3, code >> 6];
    if (new Set(order).size < 4) continue;
    check(
      360,
      order.map((d) => shape[d]!),
      order.map((d) => strides[d]!),
    );
  }
});

stridedCopy("takes six dimensions in reverse order", () => {
  const shape = [2, 3, 2, 5, 3, 4];
  check(720, [...shape].reverse(), contiguous(shape).reverse());
});

stridedCopy("runs backwards along negative strides and skips along larger ones", () => {
  check(35, [5, 7], [-7, -1], 34);
  check(35, [7, 5], [-1, 7], 6);
  check(100, [9, 5], [11, 2]);
  check(100, [5, 9], [-2, 11], 8);
});

stridedCopy("copies nothing when a dimension is 0", () => {
  for (let empty = 0; empty < 6; empty++) {
    const shape = [2, 3, 2, 3, 2, 3].map((n, d) => (d === empty ? 0 : n));
    check(216, shape, contiguous([2, 3, 2, 3, 2, 3]));
  }
});

stridedCopy("keeps every bit of a float, NaN's payload too", () => {
  reset();
  const bits = Int32Array.from({ length: 20 }, (_, i) => 0x7f800001 + i);
  const x = put(bits);
  const y = put(new Int32Array(20));
  kernels["stridedCopy"]!(x, y, 0, 0, 1, 1, 1, 1, 4, 5, 0, 0, 0, 0, 1, 4);
  same(take(Int32Array, y, 20), reference(bits, 0, [4, 5], [1, 4]), "NaN bits");
});

stridedCopy.run();
