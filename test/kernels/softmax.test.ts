import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";
import { close, fromRows, LAYOUTS, type Layout, mapRows, noise, rowOf, runFloats } from "../support/layouts.ts";

const softmax = suite("softmax kernels");

const size = ([outer, n, inner]: Layout) => outer * n * inner;
const sum = (row: number[]) => row.reduce((total, value) => total + value, 0);

function logSoftmaxRow(row: number[]): number[] {
  const largest = Math.max(...row);
  const log = Math.log(sum(row.map((value) => Math.exp(value - largest))));
  return row.map((value) => value - largest - log);
}

const softmaxRow = (row: number[]) => logSoftmaxRow(row).map(Math.exp);

const FORWARD: [string, (row: number[]) => number[]][] = [
  ["softmax", softmaxRow],
  ["logSoftmax", logSoftmaxRow],
];

const BACKWARD: [string, (y: number[], dy: number[]) => number[]][] = [
  [
    "softmaxBackward",
    (y, dy) => {
      const dot = sum(y.map((value, k) => value * dy[k]!));
      return y.map((value, k) => value * (dy[k]! - dot));
    },
  ],
  ["logSoftmaxBackward", (y, dy) => y.map((value, k) => dy[k]! - Math.exp(value) * sum(dy))],
];

for (const [name, reference] of FORWARD) {
  softmax(`${name} is within 3e-6 of float64 in every layout`, () => {
    for (const layout of LAYOUTS) {
      const x = noise(size(layout), layout[1] * 3 + layout[2], 4);
      const expected = mapRows(layout, (r) => reference(rowOf(x, layout, r)));
      // 3e-6: one exponential, one division or logarithm, each a few steps of 6e-8, of values up to 20.
      close(runFloats(name, [x], x.length, ...layout), expected, 3e-6, `${name} ${layout}`);
    }
  });

  softmax(`${name} works in place and gives equal rows equal bits wherever they lie`, () => {
    for (const layout of [
      [3, 65, 1],
      [2, 10, 7],
      [4, 1, 5],
    ] as Layout[]) {
      const values = Array.from(noise(layout[1], 5, 6));
      const x = mapRows(layout, () => values);
      const got = runFloats(name, [x], x.length, ...layout);
      for (let r = 1; r < layout[0] * layout[2]; r++) assert.equal(rowOf(got, layout, r), rowOf(got, layout, 0));
      reset();
      const address = put(x);
      kernels[name]!(address, address, ...layout);
      assert.equal(take(Float32Array, address, x.length), got);
    }
  });

  softmax(`${name} shifts by the maximum, so that huge values neither overflow nor vanish`, () => {
    for (const inner of [1, 6]) {
      const layout: Layout = [1, 5, inner];
      const rows = Array.from({ length: inner }, () => [10000, 10001, 9999, 10001, -3e38]);
      const got = runFloats(name, [fromRows(rows, layout)], 5 * inner, ...layout);
      close(got, fromRows(rows.map(reference), layout), 3e-6, name);
    }
  });

  softmax(`${name} makes rows with NaN or +inf, or of -inf alone, NaN and leaves their neighbours`, () => {
    const data = [
      [1, NaN, 2, 3, 0, 1],
      [0, 1, 2, 3, 4, 5],
      [0, Infinity, 2, 3, 4, 5],
      Array<number>(6).fill(-Infinity),
      [0, -Infinity, 2, -Infinity, 4, 5],
    ];
    for (const layout of [
      [5, 6, 1],
      [1, 6, 5],
    ] as Layout[]) {
      const expected = fromRows(data.map(reference), layout);
      close(runFloats(name, [fromRows(data, layout)], 30, ...layout), expected, 3e-6, `${name} ${layout}`);
      const got = runFloats(name, [fromRows(data, layout)], 30, ...layout);
      for (const bad of [0, 2, 3]) assert.ok(rowOf(got, layout, bad).every(Number.isNaN), `row ${bad}`);
    }
  });

  softmax(`${name} of no rows or no classes writes nothing`, () => {
    assert.is(runFloats(name, [new Float32Array(0)], 0, 0, 3, 1).length, 0);
    assert.is(runFloats(name, [new Float32Array(0)], 0, 2, 0, 1).length, 0);
    assert.is(runFloats(name, [new Float32Array(0)], 0, 2, 0, 5).length, 0);
  });
}

softmax("one class has the probability 1 and its logarithm 0", () => {
  for (const layout of [
    [3, 1, 1],
    [1, 1, 6],
  ] as Layout[]) {
    const x = noise(size(layout), 2, 50);
    assert.equal(runFloats("softmax", [x], x.length, ...layout), new Float32Array(x.length).fill(1));
    assert.equal(runFloats("logSoftmax", [x], x.length, ...layout), new Float32Array(x.length));
  }
});

softmax("probabilities of 1000 classes sum to 1", () => {
  const y = runFloats("softmax", [noise(1000, 9, 5)], 1000, 1, 1000, 1);
  // 1e-6: a thousand roundings of probabilities, 6e-8 of each, at most 6e-8 of their sum if all went one way; exp adds 1 step.
  assert.ok(Math.abs(sum(Array.from(y)) - 1) < 1e-6);
});

for (const [name, reference] of BACKWARD) {
  softmax(`${name} is within 3e-6 of float64 in every layout`, () => {
    for (const layout of LAYOUTS) {
      const x = noise(size(layout), layout[1] + layout[2] * 5, 2);
      const y = mapRows(layout, (r) => (name === "softmaxBackward" ? softmaxRow : logSoftmaxRow)(rowOf(x, layout, r)));
      const dy = noise(size(layout), 77);
      const expected = mapRows(layout, (r) => reference(rowOf(y, layout, r), rowOf(dy, layout, r)));
      // 3e-6: sums in float64, then three roundings; the sums of dy stay below 50.
      close(runFloats(name, [y, dy], y.length, ...layout), expected, 3e-6, `${name} ${layout}`);
    }
  });

  softmax(`${name} may overwrite either input`, () => {
    for (const layout of [
      [2, 10, 1],
      [2, 3, 7],
    ] as Layout[]) {
      const y = noise(size(layout), 1, 0.5);
      const dy = noise(size(layout), 2);
      const expected = runFloats(name, [y, dy], y.length, ...layout);
      for (const over of [0, 1]) {
        reset();
        const addresses = [put(y), put(dy)];
        kernels[name]!(addresses[0]!, addresses[1]!, addresses[over]!, ...layout);
        assert.equal(take(Float32Array, addresses[over]!, y.length), expected);
      }
    }
  });

  softmax(`${name} keeps a NaN in its own row`, () => {
    for (const layout of [
      [3, 5, 1],
      [1, 5, 6],
    ] as Layout[]) {
      const y = new Float32Array(size(layout)).fill(0.25);
      const dy = new Float32Array(size(layout)).fill(1);
      dy[0] = NaN;
      const got = runFloats(name, [y, dy], y.length, ...layout);
      assert.ok(rowOf(got, layout, 0).every(Number.isNaN));
      for (let r = 1; r < layout[0] * layout[2]; r++) assert.ok(rowOf(got, layout, r).every(Number.isFinite));
    }
  });
}

softmax.run();
