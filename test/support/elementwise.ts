// What the tests of the elementwise kernels share: calls by name, values of every kind, and comparisons that say where.
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "./kernels.ts";

type Floats = Float32Array<ArrayBuffer>;
type Integers = Int32Array<ArrayBuffer>;
type Bytes = Uint8Array<ArrayBuffer>;

/** Empty, shorter than a vector, one vector, and vectors with every kind of rest. */
export const SIZES = [0, 1, 3, 4, 5, 6, 17, 65, 1000];

/** Zeros, subnormals, the ends of the normal range, infinities and NaN. */
export const SPECIALS = new Float32Array([
  0,
  -0,
  1,
  -1,
  0.5,
  -2,
  3,
  1e-45,
  -1e-45,
  1e-40,
  -1e-40,
  1.17549435e-38,
  3.4028235e38,
  -3.4028235e38,
  Infinity,
  -Infinity,
  NaN,
]);

const CANARY = 0x5a;

/** Room for `bytes` bytes, then 16 that no kernel may touch. */
function room(bytes: number): number {
  return put(new Uint8Array(bytes + 16).fill(CANARY));
}

function checkCanary(name: string, address: number, bytes: number): void {
  const behind = take(Uint8Array, address + bytes, 16);
  assert.ok(
    behind.every((byte) => byte === CANARY),
    `${name} wrote behind its ${bytes} bytes`,
  );
}

/** Runs a kernel (reads…, y, n) of f32 arrays; `y` has as many elements as the first input. */
export function floats(name: string, ...inputs: Floats[]): Floats {
  reset();
  const n = inputs[0]?.length ?? 0;
  const reads = inputs.map(put);
  const y = room(n * 4);
  kernels[name]!(...reads, y, n);
  checkCanary(name, y, n * 4);
  return take(Float32Array, y, n);
}

function binary(name: string, a: Floats | Integers, b: Floats | Integers, steps: number[], n: number, size: number) {
  reset();
  const reads = [put(a), put(b)];
  const y = room(n * size);
  kernels[name]!(...reads, y, n, ...steps);
  checkCanary(name, y, n * size);
  return y;
}

/** Runs (a, b, y, n, aStep, bStep) on f32 arrays; an operand of step 0 gives only its first element. */
export function binaryFloats(name: string, a: Floats, b: Floats, n: number, aStep = 1, bStep = 1): Floats {
  return take(Float32Array, binary(name, a, b, [aStep, bStep], n, 4), n);
}

/** Runs (a, b, y, n, aStep, bStep) on i32 arrays. */
export function binaryIntegers(name: string, a: Integers, b: Integers, n: number, aStep = 1, bStep = 1): Integers {
  return take(Int32Array, binary(name, a, b, [aStep, bStep], n, 4), n);
}

/** Runs a comparison (a, b, y, n, aStep, bStep) whose `y` is bytes. */
export function binaryBytes(
  name: string,
  a: Floats | Integers,
  b: Floats | Integers,
  n: number,
  aStep = 1,
  bStep = 1,
): Bytes {
  return take(Uint8Array, binary(name, a, b, [aStep, bStep], n, 1), n);
}

/** `n` floats whose bit patterns are evenly spaced: every sign, exponent and kind of mantissa, NaN left out. */
export function everyExponent(n: number): Floats {
  const bits = Uint32Array.from({ length: n }, (_, i) => Math.floor((i * 2 ** 32) / n));
  return new Float32Array(bits.buffer).filter((value) => !Number.isNaN(value));
}

/** `n` floats evenly spaced from `low` to `high`. */
export function evenly(low: number, high: number, n: number): Floats {
  return Float32Array.from({ length: n }, (_, i) => low + ((high - low) * i) / Math.max(n - 1, 1));
}

/** `n` floats in no order, of both signs and several magnitudes, the special values among them. */
export function mixed(n: number, offset = 0): Floats {
  return Float32Array.from({ length: n }, (_, i) => {
    const k = i + offset;
    return k % 7 === 3 ? SPECIALS[k % SPECIALS.length]! : Math.sin(k * 12.9898) * 10 ** ((k % 9) - 4);
  });
}

/** Fails at the first element that is not the very same value; -0 is not 0, and any NaN is NaN. */
export function same(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.is(got.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < got.length; i++)
    if (!Object.is(got[i], expected[i])) assert.unreachable(`${what}: element ${i} is ${got[i]}, not ${expected[i]}`);
}

/**
 * Fails if a finite result is further from its float64 reference than `relative` of it plus `absolute`, or if an
 * infinite or NaN one differs. References beyond the range of f32 count as inf.
 */
export function near(got: Floats, expected: number[], x: Floats, relative: number, absolute: number, what: string) {
  let worst = 0;
  let where = 0;
  for (let i = 0; i < got.length; i++) {
    const reference = expected[i]!;
    if (!Number.isFinite(Math.fround(reference)) || !Number.isFinite(got[i]!)) {
      const bound = Math.fround(reference);
      if (!Object.is(got[i], bound)) assert.unreachable(`${what}(${x[i]}) is ${got[i]}, not ${bound}`);
      continue;
    }
    const error = Math.max(Math.abs(got[i]! - reference) - absolute, 0);
    const ratio = error === 0 ? 0 : error / Math.abs(reference);
    if (ratio > worst) [worst, where] = [ratio, i];
  }
  const report = `${what}: largest relative error ${worst} at ${x[where]}: ${got[where]}, not ${expected[where]}`;
  assert.ok(worst <= relative, report);
}
