import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WORKSPACE_BYTES } from "../../src/backend/cpu/cpu.ts";
import { kernels, put, reset, take } from "../support/kernels.ts";
import { type Case, inFull, type Steps, values, workspace } from "../support/products.ts";

const skipping = suite("zeros in products");
skipping.before.each(() => reset());

for (const size of [
  { m: 1, n: 16, k: 90 },
  { m: 6, n: 17, k: 1 },
  { m: 5, n: 48, k: 2 },
  { m: 7, n: 33, k: 300 },
  { m: 200, n: 80, k: 90 }, // more bytes than lie before a: a walk in the wrong direction leaves the memory
  { m: 300, n: 16, k: 257 }, // more rows than are listed at once
  { m: 1100, n: 16, k: 5 }, // as columns, whose steps are a page apart
])
  for (const zeros of [0, 0.1, 0.3, 0.5, 0.85, 1]) {
    const { m, n, k } = size;
    skipping(`${m} x ${k} x ${n}: skipping ${zeros * 100} % zeros gives the bits of the full product`, () => {
      const a = values(m * k, 11, zeros);
      a[5 % a.length] = -0;
      const at = put(a);
      const bt = put(values(k * n, 12));
      const y = put(new Float32Array(m * n));
      const space = workspace();
      for (const [aRow, aCol] of [
        [k, 1],
        [1, m],
      ] as const) {
        kernels.matmul!(at, bt, y, space, 1, m, n, k, 0, aRow, aCol, 0, n, 1);
        assert.equal(
          take(Int32Array, y, m * n),
          inFull(at, [aRow, aCol], bt, [n, 1], size, space),
          `strides ${aRow}, ${aCol}`,
        );
      }
    });
  }

skipping("rows unlike those that the choice looks at change no bit", () => {
  const [m, n, k] = [16, 32, 40];
  for (const looked of [0, 1]) {
    reset();
    const a = values(m * k, 21);
    for (let i = 0; i < m; i++) if ((i % 4 === 0) === (looked === 0)) a.fill(0, i * k, (i + 1) * k);
    const [at, bt, y, space] = [put(a), put(values(k * n, 22)), put(new Float32Array(m * n)), workspace()];
    kernels.matmul!(at, bt, y, space, 1, m, n, k, 0, k, 1, 0, n, 1);
    assert.equal(take(Int32Array, y, m * n), inFull(at, [k, 1], bt, [n, 1], { m, n, k }, space));
  }
});

skipping("a zero times infinity or NaN is NaN, also where zeros are skipped", () => {
  const [m, n, k] = [8, 48, 16];
  for (const bad of [Infinity, -Infinity, NaN]) {
    reset();
    const a = values(m * k, 3, 0.9);
    for (let i = 0; i < m; i++) a[i * k + 2] = 0;
    const b = values(k * n, 4);
    b[2 * n + 20] = bad;
    const y = put(new Float32Array(m * n));
    kernels.matmul!(put(a), put(b), y, workspace(), 1, m, n, k, 0, k, 1, 0, n, 1);
    const found = take(Float32Array, y, m * n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) assert.is(Number.isNaN(found[i * n + j]), j === 20, `${bad}: row ${i}, column ${j}`);
  }
});

/** Sizes at which the right operand is looked at too. */
const BOTH: readonly Case[] = [
  { m: 32, n: 32, k: 32 },
  { m: 40, n: 70, k: 300 }, // more steps than a panel has, and columns left over
  { m: 45, n: 300, k: 90 }, // more columns than are turned at once, and rows that do not fill a vector
  { m: 62, n: 261, k: 257 },
];

for (const size of BOTH)
  for (const zeros of [0.1, 0.5, 0.85, 1]) {
    const { m, n, k } = size;
    skipping(
      `${m} x ${k} x ${n}: skipping ${zeros * 100} % zeros on the right gives the bits of the full product`,
      () => {
        for (const left of [0, 0.3]) {
          reset();
          const b = values(k * n, 32, zeros);
          b[5] = -0;
          const [at, bt, space] = [put(values(m * k, 31, left)), put(b), workspace()];
          const y = put(new Float32Array((m + 4) * n));
          const ways: Steps[][] = [
            [
              [k, 1],
              [1, m],
            ],
            [
              [n, 1],
              [1, k],
            ],
          ];
          for (const aSteps of ways[0]!)
            for (const bSteps of ways[1]!) {
              kernels.matmul!(at, bt, y, space, 1, m, n, k, 0, ...aSteps, 0, ...bSteps);
              const full = inFull(at, aSteps, bt, bSteps, size, space);
              assert.equal(take(Int32Array, y, m * n), full, `${left * 100} % on the left, steps ${aSteps}, ${bSteps}`);
              assert.ok(
                take(Int32Array, y + 4 * m * n, 4 * n).every((bits) => bits === 0),
                "behind the last row",
              );
            }
        }
      },
    );
  }

skipping("an operand whose rows and columns both lie apart is multiplied in full", () => {
  const size = { m: 40, n: 48, k: 36 };
  const { m, n, k } = size;
  for (const [aSteps, bSteps] of [
    [
      [2 * k, 2],
      [n, 1],
    ],
    [
      [k, 1],
      [2 * n, 2],
    ],
  ] as const satisfies [Steps, Steps][]) {
    reset();
    const [at, bt] = [put(values(2 * m * k, 51, 0.8)), put(values(2 * k * n, 52, 0.8))];
    const [y, space] = [put(new Float32Array(m * n)), workspace()];
    kernels.matmul!(at, bt, y, space, 1, m, n, k, 0, ...aSteps, 0, ...bSteps);
    assert.equal(take(Int32Array, y, m * n), inFull(at, aSteps, bt, bSteps, size, space));
  }
});

skipping("a product over no steps is zeros", () => {
  const y = put(new Float32Array(40 * 48).fill(1));
  kernels.matmul!(put(new Float32Array(1)), put(new Float32Array(1)), y, workspace(), 1, 40, 48, 0, 0, 0, 1, 0, 48, 1);
  assert.equal(take(Float32Array, y, 40 * 48), new Float32Array(40 * 48));
});

skipping("infinity or NaN times a zero on the right is NaN", () => {
  const [m, n, k] = [40, 48, 40];
  for (const bad of [Infinity, -Infinity, NaN]) {
    reset();
    const a = values(m * k, 3);
    a[20 * k + 2] = bad;
    const b = values(k * n, 4, 0.9);
    b.fill(0, 2 * n, 3 * n);
    const y = put(new Float32Array(m * n));
    kernels.matmul!(put(a), put(b), y, workspace(), 1, m, n, k, 0, k, 1, 0, n, 1);
    const found = take(Float32Array, y, m * n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) assert.is(Number.isNaN(found[i * n + j]), i === 20, `${bad}: row ${i}, column ${j}`);
  }
});

skipping("lists of nothing but elements that are not zero stay in the workspace", () => {
  for (const { m, n, k, onTheRight } of [
    { m: 520, n: 16, k: 512, onTheRight: false },
    { m: 32, n: 520, k: 512, onTheRight: true },
  ]) {
    reset();
    // The choice looks at one row in sixteen: these are zeros.
    const listed = values((onTheRight ? n : m) * k, 41);
    for (let row = 0; row * k < listed.length; row += 16) listed.fill(0, row * k, (row + 1) * k);
    const other = values((onTheRight ? m : n) * k, 42);
    const [at, bt] = onTheRight ? [put(other), put(listed)] : [put(listed), put(other)];
    const y = put(new Float32Array(m * n));
    const bytes = new Uint8Array(WORKSPACE_BYTES + 65536).fill(7, WORKSPACE_BYTES);
    const space = put(bytes);
    kernels.matmul!(at, bt, y, space, 1, m, n, k, 0, k, 1, 0, 1, k);
    const behind = take(Uint8Array, space + WORKSPACE_BYTES, 65536);
    assert.ok(
      behind.every((byte) => byte === 7),
      onTheRight ? "of the right operand" : "of the left operand",
    );
    const full = inFull(at, [k, 1], bt, [1, k], { m, n, k }, space);
    assert.equal(take(Int32Array, y, m * n), full);
  }
});

skipping.run();
