import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";
import { close, noise, runFloats, unit } from "../support/layouts.ts";

const loss = suite("elementwise loss kernels");

type Floats = Float32Array<ArrayBuffer>;
type Formula = (x: number, y: number, positive: number) => number;

const SIZES = [0, 1, 3, 4, 5, 6, 17, 65, 1000];

const LOSSES: { name: string; formula: Formula; inputs: (n: number) => Floats }[] = [
  { name: "mseLoss", formula: (x, y) => (x - y) ** 2, inputs: (n) => noise(n, 1, 3) },
  {
    name: "bceLoss",
    formula: (x, y) => -y * Math.max(Math.log(x), -100) - (1 - y) * Math.max(Math.log1p(-x), -100),
    inputs: (n) => unit(n, 1).map((value) => 0.02 + 0.96 * value),
  },
  {
    name: "bceWithLogits",
    formula: (x, y, positive) =>
      (1 - y) * x + (1 + (positive - 1) * y) * (Math.log1p(Math.exp(-Math.abs(x))) + Math.max(-x, 0)),
    inputs: (n) => noise(n, 1, 6),
  },
];

/** Runs a loss; `posWeight` empty: without. */
function forward(name: string, x: Floats, y: Floats, posWeight: Floats = new Float32Array(0)): Floats {
  if (name !== "bceWithLogits") return runFloats(name, [x, y], x.length, x.length);
  const pos = posWeight.length > 0 ? posWeight : new Float32Array(4).fill(NaN); // NaN shows if it is read
  return runFloats(name, [x, y, pos], x.length, x.length, posWeight.length > 0 ? 1 : 0, posWeight.length);
}

function backward(name: string, x: Floats, y: Floats, dy: Floats, scale: number, posWeight = new Float32Array(0)) {
  const [n, step] = [x.length, dy.length === x.length && x.length > 1 ? 1 : 0];
  if (name !== "bceWithLogits") return runFloats(`${name}Backward`, [x, y, dy], n, n, step, scale);
  const pos = posWeight.length > 0 ? posWeight : new Float32Array(4).fill(NaN);
  const weighted = posWeight.length > 0 ? 1 : 0;
  return runFloats(`${name}Backward`, [x, y, pos, dy], n, n, weighted, posWeight.length, step, scale);
}

/** Central differences of the float64 formula: h = 1e-5 leaves 1e-10 in the smooth parts. */
function slope(formula: Formula, x: number, y: number, positive: number): number {
  return (formula(x + 1e-5, y, positive) - formula(x - 1e-5, y, positive)) / 2e-5;
}

for (const { name, formula, inputs } of LOSSES) {
  loss(`${name} is within 3e-6 of float64 at every size`, () => {
    for (const n of SIZES) {
      const [x, y] = [inputs(n), unit(n, 2)];
      // 3e-6: one exponential and one logarithm of a few steps of 6e-8 each.
      close(
        forward(name, x, y),
        Array.from(x, (value, i) => formula(value, y[i]!, 1)),
        3e-6,
        `${name} ${n}`,
      );
    }
  });

  loss(`${name}Backward agrees with central differences, for one upstream gradient and for many`, () => {
    for (const n of SIZES) {
      const [x, y] = [inputs(n), unit(n, 2)];
      for (const dy of [Float32Array.of(-0.7), noise(n, 3)]) {
        if (dy.length === 0) continue;
        const upstream = (i: number) => dy[dy.length === n ? i : 0]! * 0.25;
        const expected = Array.from(x, (value, i) => slope(formula, value, y[i]!, 1) * upstream(i));
        close(backward(name, x, y, dy, 0.25), expected, 3e-6, `${name}Backward ${n}`);
      }
    }
  });

  loss(`${name} gives equal elements equal bits wherever they lie`, () => {
    const x = new Float32Array(7).fill(inputs(9)[8]!);
    const y = new Float32Array(7).fill(0.3);
    for (const result of [forward(name, x, y), backward(name, x, y, Float32Array.of(0.6), 0.1)])
      for (const value of result) assert.is(value, result[0]);
  });

  loss(`${name} and its gradient may overwrite an input`, () => {
    const [x, y, dy] = [inputs(11), unit(11, 2), noise(11, 3)];
    const pos = name === "bceWithLogits" ? [x] : [];
    const tail = pos.length > 0 ? [0, 1] : [];
    const expected = [forward(name, x, y), backward(name, x, y, dy, 0.5)];
    for (const over of [0, 1]) {
      reset();
      const inputsAt = [put(x), put(y), ...pos.map((values) => put(values))];
      kernels[name]!(...inputsAt, inputsAt[over]!, 11, ...tail);
      assert.equal(take(Float32Array, inputsAt[over]!, 11), expected[0]);
    }
    for (const over of [0, 1, 2 + pos.length]) {
      reset();
      const inputsAt = [put(x), put(y), ...pos.map((values) => put(values)), put(dy)];
      kernels[`${name}Backward`]!(...inputsAt, inputsAt[over]!, 11, ...tail, 1, 0.5);
      assert.equal(take(Float32Array, inputsAt[over]!, 11), expected[1]);
    }
  });

  loss(`${name} passes NaN on, of the input, the target and the upstream gradient`, () => {
    const x = Float32Array.of(NaN, 0.5, 0.5, 0.5, 0.5, NaN);
    const y = Float32Array.of(0.5, NaN, 0.5, 0.5, NaN, 0.5);
    const nan = (values: Floats) => Array.from(values, (value) => Number.isNaN(value));
    assert.equal(nan(forward(name, x, y)), [true, true, false, false, true, true]);
    const dy = Float32Array.of(1, 1, 1, NaN, 1, 1);
    assert.equal(nan(backward(name, x, y, dy, 1)), [true, true, false, true, true, true]);
  });
}

loss("mseLoss overflows to inf and takes infinities", () => {
  const x = Float32Array.of(3e38, Infinity, Infinity, -0, 1e-30);
  const y = Float32Array.of(-3e38, 0, Infinity, 0, 0);
  assert.equal(Array.from(forward("mseLoss", x, y)), [Infinity, Infinity, NaN, 0, 0]);
});

loss("bceLoss of a certain error is 100, of a certain truth 0", () => {
  const x = Float32Array.of(0, 0, 1, 1, 0, 1);
  const y = Float32Array.of(0, 1, 0, 1, 0.25, 0.25);
  assert.equal(Array.from(forward("bceLoss", x, y)), [0, 100, 100, 0, 25, 75]);
});

loss("bceLoss is relatively accurate for tiny inputs", () => {
  const x = Float32Array.of(1e-10, 3e-8, 1e-6, 1e-4, 1e-40);
  const got = forward("bceLoss", x, new Float32Array(5));
  const expected = Array.from(x, (value) => -Math.log1p(-value));
  // 3e-7: two steps of f32; the last is a subnormal that must survive as it is.
  for (let i = 0; i < 5; i++) assert.ok(Math.abs(got[i]! - expected[i]!) <= 3e-7 * expected[i]!, `${x[i]}: ${got[i]}`);
});

loss("bceLossBackward divides by no less than 1e-12", () => {
  const x = Float32Array.of(0, 1, 0, 1, 1e-13);
  const got = backward("bceLoss", x, Float32Array.of(0, 0, 1, 1, 1), Float32Array.of(1), 1);
  close(got, [0, 1e12, -1e12, 0, -1e12], 1e-6, "bceLossBackward"); // 1e-6: 1e-12 itself is rounded to f32
});

for (const classes of [1, 2, 3, 4, 5, 9]) {
  loss(`bceWithLogits broadcasts ${classes} positive weights along the last dimension`, () => {
    const { formula, inputs } = LOSSES[2]!;
    const n = classes * 7;
    const [x, y, dy] = [inputs(n), unit(n, 2), noise(n, 3)];
    const pos = noise(classes, 5).map((value) => Math.abs(value) + 0.2);
    const at = (i: number) => pos[i % classes]!;
    const expected = Array.from(x, (value, i) => formula(value, y[i]!, at(i)));
    close(forward("bceWithLogits", x, y, pos), expected, 3e-6, "bceWithLogits");
    for (const upstream of [dy, Float32Array.of(0.4)]) {
      const g = (i: number) => upstream[upstream.length === n ? i : 0]! * 2;
      const slopes = Array.from(x, (value, i) => slope(formula, value, y[i]!, at(i)) * g(i));
      close(backward("bceWithLogits", x, y, upstream, 2, pos), slopes, 3e-6, "bceWithLogitsBackward");
    }
  });
}

loss("bceWithLogits neither overflows nor vanishes at the ends", () => {
  const x = Float32Array.of(100, -100, 100, -100, 3e38, -Infinity, Infinity, 30, -30);
  const y = Float32Array.of(0, 0, 1, 1, 0, 1, 0, 1, 0);
  const got = forward("bceWithLogits", x, y);
  const small = Math.log1p(Math.exp(-30));
  // -inf with the target 1 is 0 * inf, as in PyTorch.
  const expected = [100, 0, 0, 100, 3e38, NaN, Infinity, small, small];
  close(got, expected, 1e-7, "bceWithLogits"); // 1e-7: one rounding
  // 3e-7: relative, two steps of f32; a sum 1 + e^-30 rounded to 1 would give 0.
  assert.ok(Math.abs(got[7]! / small - 1) < 3e-7, `${got[7]}`);
  assert.equal(
    Array.from(backward("bceWithLogits", x.subarray(0, 7).slice(), y.slice(0, 7), Float32Array.of(1), 1), Math.fround),
    [1, Math.fround(Math.exp(-100)), 0, -1, 1, -1, 1],
  );
});

loss.run();
