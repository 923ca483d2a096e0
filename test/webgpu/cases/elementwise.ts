// Kernels that compute every element from the elements at its place.
import { add, fill } from "../../../src/autograd.ts";
import { kernel, type Kernel } from "../../../src/core/kernel.ts";
import { addInt32Kernel } from "../../../src/ops/add.ts";
import { divKernel } from "../../../src/ops/div.ts";
import * as cast from "../../../src/ops/cast.ts";
import { eqInt32Kernel, eqKernel } from "../../../src/ops/eq.ts";
import { expKernel } from "../../../src/ops/exp.ts";
import { geInt32Kernel, geKernel } from "../../../src/ops/ge.ts";
import { gtInt32Kernel, gtKernel } from "../../../src/ops/gt.ts";
import { leInt32Kernel, leKernel } from "../../../src/ops/le.ts";
import { logKernel } from "../../../src/ops/log.ts";
import { ltInt32Kernel, ltKernel } from "../../../src/ops/lt.ts";
import { mulInt32Kernel, mulKernel } from "../../../src/ops/mul.ts";
import { negInt32Kernel, negKernel } from "../../../src/ops/neg.ts";
import { neInt32Kernel, neKernel } from "../../../src/ops/ne.ts";
import { powInt32Kernel, powKernel } from "../../../src/ops/pow.ts";
import { reluBackwardKernel, reluKernel } from "../../../src/ops/relu.ts";
import { sigmoidBackwardKernel, sigmoidKernel } from "../../../src/ops/sigmoid.ts";
import { sqrtKernel } from "../../../src/ops/sqrt.ts";
import { subInt32Kernel, subKernel } from "../../../src/ops/sub.ts";
import { tanhBackwardKernel, tanhKernel } from "../../../src/ops/tanh.ts";
import { evenly, mixed, SPECIALS } from "../../support/elementwise.ts";
import type { HostArray, Job } from "../../support/gpuJobs.ts";
import {
  bytes,
  type Case,
  floats,
  integers,
  mixedBytes,
  mixedIntegers,
  overFloatPairs,
  overIntegerPairs,
  overValues,
  pairs,
  SIZES,
} from "./case.ts";

const unary = (kernel: Kernel, options: Partial<Case> = {}): Case => ({
  kernel,
  // -110 to 110: where exp underflows and overflows, sigmoid and tanh saturate; log and sqrt of ordinary numbers.
  jobs: overValues((x) => [x], evenly(-110, 110, 5001)),
  ...options,
});

/** y from results that the forward kernel can give, dy of every kind. */
const fromResult = (kernel: Kernel, low: number, high: number, options: Partial<Case> = {}): Case => {
  const [y, dy] = pairs(SPECIALS);
  return {
    kernel,
    jobs: [
      ...SIZES.map((n) => ({ reads: [evenly(low, high, n), mixed(n)], writes: [floats(n)], params: [n] })),
      { reads: [y, dy], writes: [floats(y.length)], params: [y.length] },
    ],
    ...options,
  };
};

const comparison = (floatKernel: Kernel, integerKernel: Kernel): Case[] => [
  { kernel: floatKernel, jobs: overFloatPairs(bytes) },
  { kernel: integerKernel, jobs: overIntegerPairs(bytes) },
];

const CAST_FLOATS = Float32Array.from([
  ...SPECIALS,
  ...[
    0.5,
    -0.5,
    1.5,
    -1.5,
    254.99,
    255,
    256,
    257,
    -1,
    -255,
    2 ** 31,
    2 ** 31 - 128,
    -(2 ** 31),
    -(2 ** 31) - 256,
    1e20,
  ],
]);

const casting = (
  kernel: Kernel,
  from: (n: number) => HostArray,
  to: (n: number) => HostArray,
  more: readonly HostArray[] = [],
): Case => ({
  kernel,
  jobs: [...SIZES.map(from), ...more].map((x) => ({ reads: [x], writes: [to(x.length)], params: [x.length] })),
});

const floatsIn = (n: number): HostArray => mixed(n);
const casts: readonly Case[] = [
  casting(cast.castUint8ToFloat32, mixedBytes, floats),
  casting(cast.castInt32ToFloat32, mixedIntegers, floats),
  casting(cast.castUint8ToInt32, mixedBytes, integers),
  casting(cast.castFloat32ToInt32, floatsIn, integers, [CAST_FLOATS]),
  casting(cast.castInt32ToUint8, mixedIntegers, bytes),
  casting(cast.castFloat32ToUint8, floatsIn, bytes, [CAST_FLOATS]),
  casting(cast.castFloat32ToBool, floatsIn, bytes, [CAST_FLOATS]),
  casting(cast.castInt32ToBool, mixedIntegers, bytes),
  casting(cast.castUint8ToBool, mixedBytes, bytes),
];

/** `src/ops/binary.ts` keeps it to itself. */
const fillInt32 = kernel("fillInt32", { reads: [], writes: ["y"], params: { n: "u32", value: "i32" } });

const filling = (kernel: Kernel, out: (n: number) => HostArray, values: Iterable<number>): Case => ({
  kernel,
  jobs: Array.from(values, (value, i): Job => {
    const n = SIZES[i % SIZES.length] as number;
    return { reads: [], writes: [out(n)], params: [n, value] };
  }),
});

/** Integers whose powers are asked for: small ones, and those that wrap. */
const powers = pairs(Int32Array.from([0, 1, -1, 2, -2, 3, -3, 7, 10, 31, 32, 33, 2 ** 31 - 1, -(2 ** 31)]));

export const elementwise: readonly Case[] = [
  { kernel: add, jobs: overFloatPairs(floats), flushes: true },
  { kernel: addInt32Kernel, jobs: overIntegerPairs(integers) },
  { kernel: subKernel, jobs: overFloatPairs(floats), flushes: true },
  { kernel: subInt32Kernel, jobs: overIntegerPairs(integers) },
  { kernel: mulKernel, jobs: overFloatPairs(floats), flushes: true },
  { kernel: mulInt32Kernel, jobs: overIntegerPairs(integers) },
  { kernel: divKernel, jobs: overFloatPairs(floats), flushes: true },
  // 1: the CPU's pow rounds log2 a times b from f64, the shader from 64-bit integers.
  { kernel: powKernel, jobs: overFloatPairs(floats), ulps: 1, flushes: true },
  {
    kernel: powInt32Kernel,
    jobs: [
      ...overIntegerPairs(integers),
      { reads: powers, writes: [integers(powers[0].length)], params: [powers[0].length, 1, 1] },
    ],
  },
  ...comparison(eqKernel, eqInt32Kernel),
  ...comparison(neKernel, neInt32Kernel),
  ...comparison(ltKernel, ltInt32Kernel),
  ...comparison(leKernel, leInt32Kernel),
  ...comparison(gtKernel, gtInt32Kernel),
  ...comparison(geKernel, geInt32Kernel),
  unary(negKernel),
  casting(negInt32Kernel, mixedIntegers, integers),
  unary(reluKernel),
  fromResult(reluBackwardKernel, -1, 5),
  unary(expKernel, { flushes: true }),
  unary(logKernel),
  unary(sqrtKernel),
  unary(sigmoidKernel, { flushes: true }),
  fromResult(sigmoidBackwardKernel, 0, 1, { flushes: true }),
  unary(tanhKernel),
  fromResult(tanhBackwardKernel, -1, 1, { flushes: true }),
  filling(fill, floats, SPECIALS),
  filling(fillInt32, integers, mixedIntegers(12)),
  ...casts,
];
