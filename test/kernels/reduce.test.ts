import { suite } from "uvu";
import * as assert from "uvu/assert";
import { close, LAYOUTS, type Layout, noise, rowOf, runFloats, runIntegers } from "../support/layouts.ts";

const reduce = suite("reduction kernels");

const total = (row: number[]) => row.reduce((sum, value) => sum + value, 0);
const rows = ([outer, , inner]: Layout) => Array.from({ length: outer * inner }, (_, r) => r);
const size = ([outer, n, inner]: Layout) => outer * n * inner;

/** The first of the largest, NaN being larger than all. */
function largest(row: number[]): number {
  const firstNaN = row.findIndex(Number.isNaN);
  return firstNaN >= 0 ? firstNaN : row.indexOf(Math.max(...row));
}

for (const name of ["sum", "mean"]) {
  reduce(`${name} is the float64 result rounded once in every layout`, () => {
    for (const layout of LAYOUTS) {
      const x = noise(size(layout), layout[1] + layout[2], 100);
      const got = runFloats(name, [x], layout[0] * layout[2], ...layout);
      for (const r of rows(layout)) {
        const row = rowOf(x, layout, r);
        const divisor = name === "mean" ? layout[1] : 1;
        const expected = total(row) / divisor;
        // 2^-24 is one rounding to f32; 1e-13 of the addends covers another order of the float64 additions.
        const allowed = Math.abs(expected) * 2 ** -24 + (1e-13 * total(row.map(Math.abs))) / divisor;
        assert.ok(Math.abs(got[r]! - expected) <= allowed, `${layout}, row ${r}: ${got[r]}, not ${expected}`);
      }
    }
  });

  reduce(`${name} gives equal rows equal bits wherever they lie`, () => {
    for (const layout of [
      [5, 65, 1],
      [3, 65, 7],
      [1, 6, 13],
    ] as Layout[]) {
      const values = noise(layout[1], 7);
      const x = Float32Array.from({ length: size(layout) }, (_, i) => values[Math.floor(i / layout[2]) % layout[1]]!);
      const got = runFloats(name, [x], layout[0] * layout[2], ...layout);
      for (const value of got) assert.is(value, got[0]);
    }
  });

  reduce(`${name} hands NaN and infinities to their own rows only`, () => {
    for (const inner of [1, 5]) {
      const layout: Layout = [4, 5, inner];
      const x = new Float32Array(size(layout)).fill(1);
      x[0] = NaN;
      x[5 * inner] = Infinity;
      x[10 * inner] = Infinity;
      x[11 * inner] = -Infinity;
      const got = runFloats(name, [x], 4 * inner, ...layout);
      assert.equal(
        [0, 1, 2, 3].map((o) => got[o * inner]),
        [NaN, Infinity, NaN, name === "mean" ? 1 : 5],
      );
    }
  });
}

reduce("sum of half a million floats loses nothing", () => {
  const x = new Float32Array(500000).fill(0.1);
  assert.is(runFloats("sum", [x], 1, 1, 500000, 1)[0], Math.fround(500000 * Math.fround(0.1)));
});

reduce("sum keeps what f32 additions would lose beside a huge value", () => {
  for (const inner of [1, 4]) {
    const x = new Float32Array(6 * inner);
    [1e8, 1, -1e8, 1, 1e-3, 0].forEach((value, k) => {
      x[k * inner] = value;
    });
    assert.is(runFloats("sum", [x], inner, 1, 6, inner)[0], Math.fround(2 + Math.fround(1e-3)));
  }
});

reduce("a sum of nothing is 0, a mean of nothing NaN, and no rows write nothing", () => {
  for (const inner of [1, 6]) {
    close(runFloats("sum", [new Float32Array(0)], inner, 1, 0, inner), new Float32Array(inner), 0, "sum");
    close(runFloats("mean", [new Float32Array(0)], inner, 1, 0, inner), new Float32Array(inner).fill(NaN), 0, "mean");
    assert.is(runFloats("sum", [new Float32Array(0)], 0, 0, 5, inner).length, 0);
  }
});

reduce("sums of integers and bytes are exact, integers modulo 2^32", () => {
  for (const layout of LAYOUTS) {
    const count = layout[0] * layout[2];
    const integers = Int32Array.from(noise(size(layout), 3, 2e9));
    const bytes = Uint8Array.from(noise(size(layout), 4, 1e6), (value) => value | 128);
    const wrapped = rows(layout).map((r) => Number(BigInt.asIntN(32, BigInt(total(rowOf(integers, layout, r))))));
    assert.equal(Array.from(runIntegers("sumInt32", integers, count, ...layout)), wrapped);
    const plain = rows(layout).map((r) => total(rowOf(bytes, layout, r)));
    assert.equal(Array.from(runIntegers("sumBytes", bytes, count, ...layout)), plain);
  }
});

reduce("sums of many bytes of 255 overflow no lane", () => {
  for (const inner of [1, 4]) {
    const bytes = new Uint8Array(300000 * inner).fill(255);
    assert.is(runIntegers("sumBytes", bytes, inner, 1, 300000, inner)[0], 300000 * 255);
  }
});

reduce("argmax takes the first of the largest in every layout", () => {
  for (const layout of LAYOUTS) {
    const count = layout[0] * layout[2];
    const x = noise(size(layout), 11, 3).map(Math.round); // few values, many ties, both zeros
    const expected = rows(layout).map((r) => largest(rowOf(x, layout, r)));
    assert.equal(Array.from(runIntegers("argmax", x, count, ...layout)), expected, `argmax ${layout}`);
    const integers = Int32Array.from(x);
    assert.equal(Array.from(runIntegers("argmaxInt32", integers, count, ...layout)), expected, `argmaxInt32 ${layout}`);
    const bytes = Uint8Array.from(x, (value) => value + 100);
    assert.equal(Array.from(runIntegers("argmaxBytes", bytes, count, ...layout)), expected, `argmaxBytes ${layout}`);
  }
});

reduce("argmax finds the extremes of its integers where nothing lies below or above them", () => {
  const least = new Int32Array(5).fill(-(2 ** 31));
  assert.is(runIntegers("argmaxInt32", least, 1, 1, 5, 1)[0], 0);
  assert.is(runIntegers("argmaxInt32", Int32Array.of(-(2 ** 31), 5, 2 ** 31 - 1), 1, 1, 3, 1)[0], 2);
  assert.is(runIntegers("argmaxBytes", new Uint8Array(5), 1, 1, 5, 1)[0], 0);
});

reduce("argmax of nothing but -Infinity is the first, in rows, columns and the columns that are left over", () => {
  for (const inner of [1, 3, 4, 7]) {
    const x = new Float32Array(5 * inner).fill(-Infinity);
    assert.equal(Array.from(runIntegers("argmax", x, inner, 1, 5, inner)), Array(inner).fill(0), `inner ${inner}`);
  }
});

reduce("argmax counts NaN as largest and the first NaN wins", () => {
  const data: number[][] = [
    [1, NaN, 9, NaN, 2, 3],
    [NaN, 1, 2, 3, 4, NaN],
    [1, 2, Infinity, 3, 4, NaN],
    [1, 2, Infinity, 3, Infinity, 0],
    Array(6).fill(-Infinity),
    [-Infinity, -Infinity, -1, -Infinity, -1, -Infinity],
    [-0, 0, -0, 0, -1, 0],
  ];
  const expected = data.map(largest);
  assert.equal(expected, [1, 0, 5, 2, 0, 2, 0]);
  const across = Float32Array.from(data.flat());
  assert.equal(Array.from(runIntegers("argmax", across, 7, 7, 6, 1)), expected);
  const down = Float32Array.from({ length: 42 }, (_, i) => data[i % 7]![Math.floor(i / 7)]!);
  assert.equal(Array.from(runIntegers("argmax", down, 7, 1, 6, 7)), expected);
});

reduce.run();
