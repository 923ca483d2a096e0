import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";
import { keepMask } from "../support/philox.ts";
import { type Case, values, workspace } from "../support/products.ts";

const dense = suite("dense kernels");
dense.before.each(() => reset());

const SIZES: readonly Case[] = [
  { m: 0, n: 3, k: 2 },
  { m: 1, n: 1, k: 1 },
  { m: 3, n: 5, k: 7 },
  { m: 2, n: 16, k: 3 },
  { m: 5, n: 33, k: 65 },
  { m: 17, n: 48, k: 31 },
  { m: 4, n: 64, k: 1025 },
  { m: 3, n: 35, k: 2100 },
  { m: 6, n: 40, k: 0 },
];

/** a[i][l] and b[l][j] by strides, summed in float64. */
function reference(
  a: Float32Array,
  aRow: number,
  aCol: number,
  b: Float32Array,
  bRow: number,
  bCol: number,
  { m, n, k }: Case,
): Float64Array {
  const y = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++)
        y[i * n + j]! += (a[i * aRow + l * aCol] as number) * (b[l * bRow + j * bCol] as number);
  return y;
}

/** 2e-6 of the sum of magnitudes: float32 sums of up to 2,100 terms of size 1. */
const close = (found: Float32Array, expected: Float64Array, k: number, what: string): void => {
  found.forEach((value, i) => {
    const error = Math.abs(value - (expected[i] as number));
    assert.ok(error <= 2e-6 * Math.max(1, Math.sqrt(k)), `${what}: element ${i} is ${value}, expected ${expected[i]}`);
  });
};

for (const zeros of [0, 0.8])
  for (const size of SIZES) {
    const { m, n, k } = size;
    dense(
      `matmul ${m} x ${k} x ${n} with ${zeros * 100} % zeros agrees with float64, for every layout of a and b`,
      () => {
        for (const [aRow, aCol] of [
          [k, 1],
          [1, m],
        ] as const)
          for (const [bRow, bCol] of [
            [n, 1],
            [1, k],
          ] as const) {
            reset();
            const a = values(m * k, 1 + m, zeros);
            const b = values(k * n, 2 + n);
            const y = put(new Float32Array(m * n).fill(9));
            kernels.matmul!(put(a), put(b), y, workspace(), 1, m, n, k, 0, aRow, aCol, 0, bRow, bCol);
            close(
              take(Float32Array, y, m * n),
              reference(a, aRow, aCol, b, bRow, bCol, size),
              k,
              `strides ${aRow}, ${aCol}, ${bRow}, ${bCol}`,
            );
          }
      },
    );
  }

dense("matmul walks batches, and repeats an operand whose batch stride is 0", () => {
  const a = values(2 * 6, 5);
  const b = values(12, 6);
  const y = put(new Float32Array(2 * 8));
  kernels.matmul!(put(a), put(b), y, workspace(), 2, 2, 4, 3, 6, 3, 1, 0, 4, 1);
  for (const t of [0, 1])
    close(
      take(Float32Array, y + t * 32, 8),
      reference(a.subarray(t * 6), 3, 1, b, 4, 1, { m: 2, n: 4, k: 3 }),
      3,
      `batch ${t}`,
    );
});

dense("linear adds the bias, clamps, and drops by the element's index, like its parts", () => {
  for (const [rows, ins, outs] of [
    [1, 1, 1],
    [3, 5, 7],
    [5, 20, 10],
    [4, 9, 48],
    [3, 70, 35],
  ] as const)
    for (const p of [0.5, 0.3, 1]) {
      reset();
      const x = values(rows * ins, rows);
      const w = values(outs * ins, outs);
      const bias = values(outs, 7);
      const [xt, wt, bt, space] = [put(x), put(w), put(bias), workspace()];
      const n = rows * outs;
      const [plain, fused] = [put(new Float32Array(n)), put(new Float32Array(n))];
      const threshold = Math.floor((1 - p) * 2 ** 24 + 0.5);
      const scale = p === 1 ? 0 : Math.fround(1 / Math.fround(1 - p));
      const offset = 2 ** 33 + 5;
      const [seedLow, seedHigh] = [77, 3];
      kernels.linear!(xt, wt, bt, plain, space, rows, ins, outs, 0, 0, 0, 0, 1, 0, 0, 0, 0);
      kernels.linear!(
        xt,
        wt,
        bt,
        fused,
        space,
        rows,
        ins,
        outs,
        1,
        1,
        1,
        threshold,
        scale,
        offset >>> 0,
        Math.floor(offset / 2 ** 32),
        seedLow,
        seedHigh,
      );
      const z = take(Float32Array, plain, n);
      const kept = keepMask((BigInt(seedHigh) << 32n) | BigInt(seedLow), BigInt(offset), p, n);
      const expected = Float32Array.from(z, (value, i) => {
        const sum = Math.fround(value + (bias[i % outs] as number));
        return Math.fround(Math.max(sum, 0) * (kept[i] ? scale : 0));
      });
      assert.equal(take(Float32Array, fused, n), expected, `${rows} x ${ins} x ${outs}, p ${p}`);
    }
});

dense("linearGradient sums over the rows what each weight and each bias has done", () => {
  for (const [rows, ins, outs] of [
    [0, 3, 2],
    [1, 1, 1],
    [5, 3, 7],
    [70, 35, 3],
    [300, 2, 40],
  ] as const) {
    reset();
    const [dz, x] = [values(rows * outs, 3), values(rows * ins, 4)];
    const [dw, db] = [put(new Float32Array(outs * ins).fill(9)), put(new Float32Array(outs).fill(9))];
    kernels.linearGradient!(put(dz), put(x), dw, db, workspace(), rows, ins, outs);
    const found = take(Float32Array, dw, outs * ins);
    close(found, reference(dz, 1, outs, x, ins, 1, { m: outs, n: ins, k: rows }), rows, `dw of ${rows} x ${ins}`);
    const ones = new Float32Array(rows).fill(1);
    const expected = reference(dz, 1, outs, ones, 1, 1, { m: outs, n: 1, k: rows });
    close(take(Float32Array, db, outs), expected, rows, `db of ${rows} x ${ins}`);
  }
});

dense("dropout keeps what Philox keeps, for any size; dropped negatives are -0, dropped NaN is NaN", () => {
  for (const n of [0, 1, 3, 4, 5, 15, 16, 17, 65, 1000]) {
    reset();
    const x = values(n, 9 + n);
    if (n > 4) x[4] = NaN;
    const y = put(new Float32Array(n));
    kernels.dropout!(
      put(x),
      y,
      workspace(),
      n,
      Math.floor(0.7 * 2 ** 24 + 0.5),
      Math.fround(1 / Math.fround(0.7)),
      9,
      0,
      5,
      0,
    );
    const kept = keepMask(5n, 9n, 0.3, n);
    const found = take(Float32Array, y, n);
    for (let i = 0; i < n; i++) {
      const expected = Math.fround((x[i] as number) * (kept[i] ? Math.fround(1 / Math.fround(0.7)) : 0));
      assert.ok(Object.is(found[i], expected), `n ${n}: element ${i} is ${found[i]}, expected ${expected}`);
    }
  }
});

dense("linearBackward passes scaled gradients where y is not at most 0, NaN included", () => {
  const y = Float32Array.of(1, 0, -0, NaN, 2, 0, 3);
  const dy = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
  const dz = put(new Float32Array(7));
  kernels.linearBackward!(put(y), put(dy), dz, 7, 2);
  assert.equal(take(Float32Array, dz, 7), Float32Array.of(2, 0, 0, 8, 10, 0, 14));
});

dense.run();
