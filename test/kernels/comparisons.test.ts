import { suite } from "uvu";
import { binaryBytes, mixed, SIZES, SPECIALS, same } from "../support/elementwise.ts";

const comparisons = suite("comparison kernels");

const OPERATIONS: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const STEPS: [number, number][] = [
  [1, 1],
  [0, 1],
  [1, 0],
  [0, 0],
];

for (const [name, reference] of Object.entries(OPERATIONS)) {
  comparisons(`${name} treats NaN, both zeros, subnormals and infinities as IEEE 754 does`, () => {
    const a = Float32Array.from([...SPECIALS].flatMap((value) => [...SPECIALS].map(() => value)));
    const b = Float32Array.from([...SPECIALS].flatMap(() => [...SPECIALS]));
    same(
      binaryBytes(name, a, b, a.length),
      Array.from(a, (value, i) => Number(reference(value, b[i]!))),
      name,
    );
  });
  comparisons(`${name} gives bytes 0 and 1 at every length and every pair of steps`, () => {
    for (const [aStep, bStep] of STEPS) {
      for (const n of SIZES) {
        const a = aStep ? mixed(n) : new Float32Array([0.25]);
        const b = bStep ? mixed(n).map((value, i) => value + (i % 3) - 1) : new Float32Array([0.25]);
        const expected = Array.from({ length: n }, (_, i) => Number(reference(a[i * aStep]!, b[i * bStep]!)));
        same(binaryBytes(name, a, b, n, aStep, bStep), expected, `${name} of ${n}, steps ${aStep} and ${bStep}`);
      }
    }
  });
  comparisons(`${name}Int32 compares signed integers at every length and every pair of steps`, () => {
    const values = [0, 1, -1, 2147483647, -2147483648, 2147483646, -2147483647, 16777216, 16777217];
    for (const [aStep, bStep] of STEPS) {
      for (const n of SIZES) {
        const a = Int32Array.from({ length: aStep ? n : 1 }, (_, i) => values[(i + 1) % 9]!);
        const b = Int32Array.from({ length: bStep ? n : 1 }, (_, i) => values[Math.floor(i / 9 + i + 1) % 9]!);
        const expected = Array.from({ length: n }, (_, i) => Number(reference(a[i * aStep]!, b[i * bStep]!)));
        same(binaryBytes(`${name}Int32`, a, b, n, aStep, bStep), expected, `${name}Int32 of ${n}`);
      }
    }
  });
}

comparisons.run();
