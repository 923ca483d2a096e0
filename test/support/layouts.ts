// What the tests of the reductions and losses share: layouts [outer, n, inner], values in no order, guarded outputs.
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "./kernels.ts";

type Floats = Float32Array<ArrayBuffer>;
type HostArray = Floats | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** outer, n, inner: the element [o, k, i] lies at (o * n + k) * inner + i. */
export type Layout = readonly [outer: number, n: number, inner: number];

/** Every n with one column, and every kind of rest over the columns. */
export const LAYOUTS: Layout[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 17, 65, 1000].map((n): Layout => [3, n, 1]),
  ...[2, 3, 4, 5, 7, 8, 17, 65].map((inner): Layout => [2, 5, inner]),
  [1, 1, 6],
  [2, 1000, 5],
];

/** `n` values of both signs, most of them below `scale`, the same for the same seed. */
export function noise(n: number, seed: number, scale = 1): Floats {
  let state = (seed * 2654435761 + 1) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: n }, () => scale * (next() + next() + next() - 1.5) * 2);
}

/** `n` values evenly spread over [0, 1), the same for the same seed. */
export function unit(n: number, seed: number): Floats {
  return noise(n, seed).map((value) => value - Math.floor(value));
}

/** The elements x[o, 0, i], x[o, 1, i], … of the row r = o * inner + i. */
export function rowOf(x: ArrayLike<number>, [, n, inner]: Layout, r: number): number[] {
  const start = Math.floor(r / inner) * n * inner + (r % inner);
  return Array.from({ length: n }, (_, k) => x[start + k * inner]!);
}

/** The array whose rows are given: the inverse of `rowOf`. */
export function fromRows(rows: number[][], [, n, inner]: Layout): Floats {
  const x = new Float32Array(rows.length * n);
  rows.forEach((row, r) => {
    const start = Math.floor(r / inner) * n * inner + (r % inner);
    row.forEach((value, k) => {
      x[start + k * inner] = value;
    });
  });
  return x;
}

/** The rows of a layout, each worked on by `row`. */
export function mapRows(layout: Layout, row: (r: number) => number[]): Floats {
  return fromRows(
    Array.from({ length: layout[0] * layout[2] }, (_, r) => row(r)),
    layout,
  );
}

const CANARY = 0x5a;

/** An output of `n` 32-bit elements with 16 bytes behind it that no kernel may touch. */
export function room(n: number): number {
  return put(new Uint8Array(n * 4 + 16).fill(CANARY));
}

/** The `n` floats of an output that `room` gave. */
export function floatsOf(address: number, n: number): Floats {
  checkCanary(address, n);
  return take(Float32Array, address, n);
}

function checkCanary(address: number, n: number): void {
  const behind = take(Uint8Array, address + n * 4, 16);
  assert.ok(
    behind.every((byte) => byte === CANARY),
    `the kernel wrote behind its ${n} elements`,
  );
}

/** Runs (inputs…, out, sizes and scalars…) and gives the `n` floats of `out`. */
export function runFloats(name: string, inputs: HostArray[], n: number, ...rest: number[]): Floats {
  reset();
  const reads = inputs.map((input) => put(input));
  const out = room(n);
  kernels[name]!(...reads, out, ...rest);
  return floatsOf(out, n);
}

/** Runs (input, out, sizes…) and gives the `n` i32 of `out`. */
export function runIntegers(name: string, input: HostArray, n: number, ...rest: number[]): Int32Array {
  reset();
  const read = put(input);
  const out = room(n);
  kernels[name]!(read, out, ...rest);
  checkCanary(out, n);
  return take(Int32Array, out, n);
}

/** Fails where a result is further from its float64 reference than tolerance * max(1, |reference|); NaN and inf must agree. */
export function close(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.is(got.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < got.length; i++) {
    const [value, reference] = [got[i]!, expected[i]!];
    if (Object.is(value, reference) || Math.abs(value - reference) <= tolerance * Math.max(1, Math.abs(reference)))
      continue;
    assert.unreachable(`${what}: element ${i} is ${value}, not ${reference}`);
  }
}
