import { kernels, put, take } from "./kernels.ts";

const WORKSPACE = 2170000;
/** Room for what a product needs beside its operands. */
export const workspace = () => put(new Uint8Array(WORKSPACE));

/** A small generator of its own, so that a failure can be repeated: xorshift32, values in [-1, 1). */
export function values(n: number, seed: number, zeros = 0): Float32Array<ArrayBuffer> {
  let state = seed * 2654435761 + 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: n }, () => (next() < zeros ? 0 : next() * 2 - 1));
}

/** Sizes of a product of m x k and k x n. */
export interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** How the elements of a matrix lie: from one row and column to the next. */
export type Steps = readonly [row: number, column: number];

/** The bits of a x b, whose elements begin at `at` and `bt`, where no zero is skipped: of fewer than 16 columns none are. */
export function inFull(
  at: number,
  aSteps: Steps,
  bt: number,
  bSteps: Steps,
  { m, n, k }: Case,
  space: number,
): Int32Array {
  const bits = new Int32Array(m * n);
  const y = put(new Float32Array(m * 15));
  for (let j = 0; j < n; j += 15) {
    const cols = Math.min(15, n - j);
    kernels.matmul!(at, bt + 4 * j * bSteps[1], y, space, 1, m, cols, k, 0, ...aSteps, 0, ...bSteps);
    const part = take(Int32Array, y, m * cols);
    for (let i = 0; i < m; i++) bits.set(part.subarray(i * cols, (i + 1) * cols), i * n + j);
  }
  return bits;
}
