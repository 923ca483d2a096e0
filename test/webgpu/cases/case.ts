import type { Kernel } from "../../../src/core/kernel.ts";
import { everyExponent, mixed, SPECIALS } from "../../support/elementwise.ts";
import type { HostArray, Job } from "../../support/gpuJobs.ts";

/** A kernel, the runs of it that must agree on both backends, and how closely: bit for bit where nothing else is said. */
export interface Case {
  readonly kernel: Kernel;
  readonly jobs: readonly Job[];
  /** How far a result may be off, as a share of max(1, |value|). */
  readonly within?: number;
  /** How many floats it may be off. */
  readonly ulps?: number;
  /** True where arithmetic meets subnormals, which SwiftShader takes for zeros. */
  readonly flushes?: boolean;
}

/** Empty, alone, shorter than a word of bytes, behind one, behind a workgroup, and many workgroups with a rest. */
export const SIZES = [0, 1, 3, 5, 65, 1000] as const;

type Floats = Float32Array<ArrayBuffer>;
type Integers = Int32Array<ArrayBuffer>;
type Bytes = Uint8Array<ArrayBuffer>;

/** Rooms for outputs, filled with what a kernel that leaves an element out would leave there. */
export const floats = (n: number): Floats => new Float32Array(n).fill(-12345);
export const integers = (n: number): Integers => new Int32Array(n).fill(-12345);
export const bytes = (n: number): Bytes => new Uint8Array(n).fill(99);

const EXTREMES = [0, 1, -1, 2, -2, 3, 7, -7, 255, 256, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, -(2 ** 24) - 1];

/** `n` integers in no order, the ends of the range among them. */
export const mixedIntegers = (n: number, offset = 0): Integers =>
  Int32Array.from({ length: n }, (_, i) => {
    const k = i + offset;
    return k % 3 === 0 ? (EXTREMES[k % EXTREMES.length] as number) : Math.imul(k + 1, 2654435761) >> (k % 29);
  });

/** `n` bytes in no order, zeros among them. */
export const mixedBytes = (n: number): Bytes => Uint8Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 0 : i * 89));

/** Bit patterns of every exponent and both signs, and NaN. */
const exponents = (): Floats => Float32Array.from([...everyExponent(4096), NaN]);

/** (reads, y, n) over every size, every exponent and the values given; `make` gives the reads of one array of values. */
export function overValues(make: (x: Floats) => readonly Floats[], more: Floats = new Float32Array()): Job[] {
  const arrays = [...SIZES.map((n) => mixed(n)), SPECIALS, exponents(), more];
  return arrays.map((x) => ({ reads: make(x), writes: [floats(x.length)], params: [x.length] }));
}

/** Every pair of a list's values, as two arrays. */
export function pairs<T extends Floats | Integers>(values: T): [a: T, b: T] {
  const a = Array.from(values).flatMap((value) => Array.from(values, () => value));
  const b = Array.from(values).flatMap(() => Array.from(values));
  return values instanceof Float32Array
    ? [Float32Array.from(a) as T, Float32Array.from(b) as T]
    : [Int32Array.from(a) as T, Int32Array.from(b) as T];
}

const pair = (a: HostArray, b: HostArray, out: (n: number) => HostArray, n: number, steps: readonly number[]): Job => ({
  reads: [a, b],
  writes: [out(n)],
  params: [n, ...steps],
});

/** (a, b, y, n, aStep, bStep) over every size and step, every pair of special values, and every exponent. */
export function overFloatPairs(out: (n: number) => HostArray): Job[] {
  const [a, b] = pairs(SPECIALS);
  const wide = exponents();
  return [
    ...SIZES.flatMap((n) => [
      pair(mixed(n), mixed(n, 31), out, n, [1, 1]),
      pair(mixed(1, 4), mixed(n, 31), out, n, [0, 1]),
      pair(mixed(n), mixed(1, 5), out, n, [1, 0]),
    ]),
    pair(a, b, out, a.length, [1, 1]),
    pair(wide, wide.map((_, i) => wide[(i * 1237) % wide.length] as number) as Floats, out, wide.length, [1, 1]),
  ];
}

/** The same of integers. */
export function overIntegerPairs(out: (n: number) => HostArray): Job[] {
  const [a, b] = pairs(Int32Array.from(EXTREMES));
  return [
    ...SIZES.flatMap((n) => [
      pair(mixedIntegers(n), mixedIntegers(n, 31), out, n, [1, 1]),
      pair(mixedIntegers(1, 4), mixedIntegers(n, 31), out, n, [0, 1]),
      pair(mixedIntegers(n), mixedIntegers(1, 5), out, n, [1, 0]),
    ]),
    pair(a, b, out, a.length, [1, 1]),
  ];
}
