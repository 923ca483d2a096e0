import { suite } from "uvu";
import { everyExponent, evenly, floats, mixed, near, SIZES, SPECIALS, same } from "../support/elementwise.ts";
import { kernels, put, reset, take } from "../support/kernels.ts";

const unary = suite("unary kernels");

const NAMES = ["exp", "log", "neg", "relu", "sigmoid", "sqrt", "tanh"];
const BACKWARD = ["reluBackward", "sigmoidBackward", "tanhBackward"];

/** Half a step of the subnormal range, by which correct rounding may miss, and a little for the polynomial. */
const SUBNORMAL = 1e-45;

const sigmoid = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

/** Kernels whose every result is fixed by IEEE 754 or by a choice between two values. */
const EXACT: [string, (x: number) => number][] = [
  ["neg", (x) => -x],
  ["relu", (x) => (x >= 0 || Number.isNaN(x) ? x : 0)],
  ["sqrt", (x) => Math.fround(Math.sqrt(x))],
];

for (const [name, reference] of EXACT) {
  unary(`${name} gives the exact result at every exponent and for NaN, infinities and -0`, () => {
    const x = new Float32Array([...SPECIALS, ...everyExponent(20000)]);
    same(floats(name, x), Array.from(x, reference), name);
  });
}

/**
 * The range where each changes most, and the relative error allowed. A step of an f32 is 6e-8 to 1.2e-7 of its value:
 * one step for exp and log, one and a half for tanh and two and a half for sigmoid, which divide the rounded exp.
 */
const CLOSE: [string, (x: number) => number, number, number, number][] = [
  ["exp", Math.exp, -110, 95, 1.2e-7],
  ["log", Math.log, 0.4, 2.2, 1.2e-7],
  ["sigmoid", sigmoid, -110, 95, 3e-7],
  ["tanh", Math.tanh, -10, 10, 1.8e-7],
];

for (const [name, reference, low, high, tolerance] of CLOSE) {
  unary(`${name} is within ${tolerance} of float64 at every exponent, subnormals included`, () => {
    const x = new Float32Array([...SPECIALS, ...everyExponent(20000)]);
    near(floats(name, x), Array.from(x, reference), x, tolerance, SUBNORMAL, name);
  });
  unary(`${name} is within ${tolerance} of float64 where it changes most`, () => {
    const x = evenly(low, high, 40000);
    near(floats(name, x), Array.from(x, reference), x, tolerance, SUBNORMAL, name);
  });
}

unary("log keeps its relative accuracy in the last steps around 1", () => {
  const one = new Uint32Array(new Float32Array([1]).buffer)[0]!;
  const bits = Uint32Array.from({ length: 4000 }, (_, i) => one - 2000 + i);
  const x = new Float32Array(bits.buffer);
  near(floats("log", x), Array.from(x, Math.log), x, 1.2e-7, 0, "log");
});

unary("exp is exactly 1 at 0, log exactly 0 at 1, sigmoid exactly 0.5 at 0, tanh keeps both zeros", () => {
  same(floats("exp", new Float32Array([0, -0])), [1, 1], "exp");
  same(floats("log", new Float32Array([1])), [0], "log");
  same(floats("sigmoid", new Float32Array([0, -0])), [0.5, 0.5], "sigmoid");
  same(
    floats("tanh", new Float32Array([0, -0, 1e-45, -1e-45])),
    [0, -0, Math.fround(1e-45), -Math.fround(1e-45)],
    "tanh",
  );
});

unary("exp overflows and underflows where float32 does", () => {
  const x = new Float32Array([88.72283, 88.72284, -103.97, -103.98, Infinity, -Infinity, 1e38, -1e38]);
  const expected = [Math.exp(x[0]!), Infinity, 2 ** -149, 0, Infinity, 0, Infinity, 0];
  near(floats("exp", x), expected, x, 1.2e-7, 0, "exp");
});

unary("log of 0, of negatives, of infinity and of NaN is as in C", () => {
  const x = new Float32Array([0, -0, -1, -1e-45, -Infinity, Infinity, NaN]);
  same(floats("log", x), [-Infinity, -Infinity, NaN, NaN, NaN, Infinity, NaN], "log");
});

unary("tanh and sigmoid saturate exactly and keep NaN", () => {
  const x = new Float32Array([20, -20, Infinity, -Infinity, NaN]);
  same(floats("tanh", x), [1, -1, 1, -1, NaN], "tanh");
  same(floats("sigmoid", x).slice(2), [1, 0, NaN], "sigmoid");
});

unary("relu keeps -0 and NaN", () => {
  same(floats("relu", new Float32Array([-0, NaN, -1, -Infinity, Infinity])), [-0, NaN, 0, 0, Infinity], "relu");
});

unary("reluBackward passes dy where y is positive or NaN and nothing where y is 0", () => {
  const y = new Float32Array([0, -0, 1e-45, 2, NaN, Infinity]);
  const dy = new Float32Array([1, NaN, 3, Infinity, 5, -6]);
  same(floats("reluBackward", y, dy), [0, 0, 3, Infinity, 5, -6], "reluBackward");
});

unary("sigmoidBackward is dy (1 - y) y, rounded in that order", () => {
  const y = evenly(0, 1, 1001);
  const dy = mixed(1001);
  const expected = Array.from(y, (value, i) => {
    const rest = Math.fround(1 - value);
    return Math.fround(Math.fround(dy[i]! * rest) * value);
  });
  same(floats("sigmoidBackward", y, dy), expected, "sigmoidBackward");
});

unary("tanhBackward is dy (1 - y²), rounded in that order", () => {
  const y = evenly(-1, 1, 1001);
  const dy = mixed(1001);
  const expected = Array.from(y, (value, i) => Math.fround(dy[i]! * Math.fround(1 - Math.fround(value * value))));
  same(floats("tanhBackward", y, dy), expected, "tanhBackward");
});

unary("negInt32 negates and wraps", () => {
  reset();
  const x = put(new Int32Array([0, 1, -1, 2147483647, -2147483648]));
  kernels["negInt32"]!(x, x, 5);
  same(take(Int32Array, x, 5), [0, -1, 1, -2147483647, -2147483648], "negInt32");
});

for (const name of [...NAMES, ...BACKWARD]) {
  const inputs = (x: Float32Array<ArrayBuffer>) => (BACKWARD.includes(name) ? [x, mixed(x.length, 5)] : [x]);
  unary(`${name} gives an element the same bits at every length and position`, () => {
    const whole = floats(name, ...inputs(mixed(1000)));
    for (const n of SIZES)
      same(floats(name, ...inputs(mixed(1000)).map((x) => x.slice(0, n))), whole.slice(0, n), name);
    for (const start of [1, 2, 3, 990]) {
      const parts = inputs(mixed(1000)).map((x) => x.slice(start));
      same(floats(name, ...parts), whole.slice(start), `${name} from ${start}`);
    }
  });
  unary(`${name} may write over its input`, () => {
    const arrays = inputs(mixed(65));
    const expected = floats(name, ...arrays);
    reset();
    const reads = arrays.map(put);
    kernels[name]!(...reads, reads[0]!, 65);
    same(take(Float32Array, reads[0]!, 65), expected, name);
  });
}

unary.run();
