import { suite } from "uvu";
import { binaryFloats, binaryIntegers, mixed, near, SIZES, SPECIALS, same } from "../support/elementwise.ts";
import { kernels, put, reset, take } from "../support/kernels.ts";

const binary = suite("binary kernels");

const OPERATIONS: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  div: (a, b) => Math.fround(a / b),
};

const INTEGERS: Record<string, (a: number, b: number) => number> = {
  addInt32: (a, b) => (a + b) | 0,
  subInt32: (a, b) => (a - b) | 0,
  mulInt32: Math.imul,
  powInt32: (a, b) => Number(BigInt.asIntN(32, BigInt(a) ** BigInt(b))),
};

const STEPS: [number, number][] = [
  [1, 1],
  [0, 1],
  [1, 0],
  [0, 0],
];

/** Every pair of `values`: [left, right]. */
function pairs(values: ArrayLike<number>): [number[], number[]] {
  const all = Array.from(values);
  return [all.flatMap((a) => all.map(() => a)), all.flatMap(() => all)];
}

for (const [name, reference] of Object.entries(OPERATIONS)) {
  for (const [aStep, bStep] of STEPS) {
    binary(`${name} is exact at every length with steps ${aStep} and ${bStep}`, () => {
      for (const n of SIZES) {
        const a = aStep ? mixed(n) : new Float32Array([-1.7]);
        const b = bStep ? mixed(n, 2) : new Float32Array([0.3]);
        const expected = Array.from({ length: n }, (_, i) => reference(a[i * aStep]!, b[i * bStep]!));
        same(binaryFloats(name, a, b, n, aStep, bStep), expected, `${name} of ${n}`);
      }
    });
  }
  binary(`${name} treats zeros, subnormals, infinities and NaN as IEEE 754 does`, () => {
    const [a, b] = pairs(SPECIALS);
    const got = binaryFloats(name, new Float32Array(a), new Float32Array(b), a.length);
    same(
      got,
      a.map((value, i) => reference(value, b[i]!)),
      name,
    );
  });
  binary(`${name} may write over either operand`, () => {
    const expected = Array.from(mixed(65), (value, i) => reference(value, mixed(65, 2)[i]!));
    for (const target of [0, 1]) {
      reset();
      const reads = [put(mixed(65)), put(mixed(65, 2))];
      kernels[name]!(...reads, reads[target]!, 65, 1, 1);
      same(take(Float32Array, reads[target]!, 65), expected, name);
    }
  });
}

for (const [name, reference] of Object.entries(INTEGERS)) {
  for (const [aStep, bStep] of STEPS) {
    binary(`${name} wraps exactly at every length with steps ${aStep} and ${bStep}`, () => {
      for (const n of SIZES) {
        const a = Int32Array.from({ length: aStep ? n : 1 }, (_, i) => Math.imul(i + 3, 1103515245));
        const b = Int32Array.from({ length: bStep ? n : 1 }, (_, i) =>
          name === "powInt32" ? (i * 7) % 40 : Math.imul(i + 5, 214013),
        );
        const expected = Array.from({ length: n }, (_, i) => reference(a[i * aStep]!, b[i * bStep]!));
        same(binaryIntegers(name, a, b, n, aStep, bStep), expected, `${name} of ${n}`);
      }
    });
  }
}

binary("powInt32 of a negative exponent is ±1 for the bases ±1 and else 0", () => {
  const a = new Int32Array([1, 1, -1, -1, 2, -2, 0, 7]);
  const b = new Int32Array([-1, -2147483648, -3, -2147483648, -1, -2, -1, -5]);
  same(binaryIntegers("powInt32", a, b, 8), [1, 1, -1, 1, 0, 0, 0, 0], "powInt32");
});

binary("powInt32 takes 0 to the 0 as 1 and the largest exponents", () => {
  const a = new Int32Array([0, 0, -1, 3, 2]);
  const b = new Int32Array([0, 5, 2147483647, 2147483647, 31]);
  let cube = 3;
  for (let k = 1; k < 31; k++) cube = Math.imul(Math.imul(cube, cube), 3); // 3^(2^31 - 1) by squaring
  same(binaryIntegers("powInt32", a, b, 5), [1, 0, -1, cube, -2147483648], "powInt32");
});

binary("pow of every pair of bases and exponents is float64's, rounded", () => {
  const [a, b] = pairs([
    0.1, 0.5, 0.999, 1.001, 1.5, 2, 3, 10, 123.456, 1e-3, 1e10, 1e-38, 1e-40, 3e38, -1, -2, -2.5, -7, 0.25, 4, 5, -0.5,
    100,
  ]);
  const x = new Float32Array(a);
  const exponents = new Float32Array(b);
  const expected = Array.from(x, (base, i) => base ** exponents[i]!);
  // 1.2e-7: one step of f32, for cubes are rounded twice; 1.5e-45: one step of the subnormal range.
  near(binaryFloats("pow", x, exponents, a.length), expected, x, 1.2e-7, 1.5e-45, "pow");
});

binary("pow gives C's answers for 0, 1, infinity and NaN", () => {
  const cases: [number, number, number][] = [
    [0, 0, 1],
    [-0, 0, 1],
    [NaN, 0, 1],
    [NaN, -0, 1],
    [1, NaN, 1],
    [1, Infinity, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [0, -1, Infinity],
    [-0, -1, -Infinity],
    [-0, -2, Infinity],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 0.5, 0],
    [-Infinity, 0.5, Infinity],
    [-Infinity, -0.5, 0],
    [-Infinity, 3, -Infinity],
    [-Infinity, -3, -0],
    [Infinity, -1, 0],
    [-4, 0.5, NaN],
    [-8, 1 / 3, NaN],
    [2, Infinity, Infinity],
    [0.5, Infinity, 0],
    [0.5, -Infinity, Infinity],
    [NaN, 1, NaN],
    [2, NaN, NaN],
    [-2, 1, -2],
    [0, 2.5, 0],
    [-0, 2.5, 0],
  ];
  const a = Float32Array.from(cases, ([base]) => base);
  const b = Float32Array.from(cases, ([, exponent]) => exponent);
  const got = binaryFloats("pow", a, b, cases.length);
  cases.forEach(([base, exponent, expected], i) => {
    same(got.slice(i, i + 1), [expected], `pow(${base}, ${exponent})`);
  });
});

/** Exponents whose power is a few f32 operations, to be matched bit for bit. */
const SHORT: [number, (x: number) => number][] = [
  [2, (x) => Math.fround(x * x)],
  [3, (x) => Math.fround(Math.fround(x * x) * x)],
  [1, (x) => x],
  [0, () => 1],
  [-1, (x) => Math.fround(1 / x)],
  [0.5, (x) => Math.fround(Math.sqrt(x))],
];

for (const [exponent, reference] of SHORT) {
  binary(`pow to the ${exponent} has the bits of the plain expression, as an array and as one number`, () => {
    for (const n of SIZES) {
      const x = mixed(n).map((value) => (exponent === 0.5 ? Math.abs(value) : value));
      const expected = Array.from(x, reference);
      same(binaryFloats("pow", x, new Float32Array([exponent]), n, 1, 0), expected, "pow, one exponent");
      same(binaryFloats("pow", x, new Float32Array(n).fill(exponent), n), expected, "pow, an array");
    }
  });
}

binary("pow takes one base for an array of exponents", () => {
  const exponents = Float32Array.from({ length: 17 }, (_, i) => i - 8);
  const expected = Array.from(exponents, (exponent) => 2 ** exponent); // exact in f32
  same(binaryFloats("pow", new Float32Array([2]), exponents, 17, 0, 1), expected, "pow");
});

binary.run();
