// Kernels that work along the middle of [outer, n, inner], and losses.
import type { Kernel } from "../../../src/core/kernel.ts";
import { argmaxBytesKernel, argmaxInt32Kernel, argmaxKernel } from "../../../src/ops/argmax.ts";
import { logSoftmaxBackwardKernel, logSoftmaxKernel } from "../../../src/ops/logSoftmax.ts";
import { meanKernel } from "../../../src/ops/mean.ts";
import { softmaxBackwardKernel, softmaxKernel } from "../../../src/ops/softmax.ts";
import { sumBytesKernel, sumInt32Kernel, sumKernel } from "../../../src/ops/sum.ts";
import { mixed } from "../../support/elementwise.ts";
import type { HostArray, Job } from "../../support/gpuJobs.ts";
import { noise, unit } from "../../support/layouts.ts";
import { type Case, floats, integers, mixedBytes, mixedIntegers, SIZES } from "./case.ts";

type Layout = readonly [outer: number, n: number, inner: number];
type Floats = Float32Array<ArrayBuffer>;

/** Rows end to end and rows side by side, of every size; rows longer than a workgroup, than a running sum's chains. */
const LAYOUTS: readonly Layout[] = [
  ...SIZES.map((n): Layout => [3, n, 1]),
  ...SIZES.map((inner): Layout => [2, 5, inner]),
  ...SIZES.map((outer): Layout => [outer, 7, 1]),
  [2, 1000, 5],
  [65, 66, 1],
  [1, 5000, 1],
  [7, 3, 4], // threads share rows that are not contiguous
];

const elements = ([outer, n, inner]: Layout): number => outer * n * inner;

const reduction = (
  kernel: Kernel,
  from: (n: number) => HostArray,
  to: (n: number) => HostArray,
  options: Partial<Case> = {},
): Case => ({
  kernel,
  jobs: LAYOUTS.map((layout) => ({
    reads: [from(elements(layout))],
    writes: [to(layout[0] * layout[2])],
    params: layout,
  })),
  ...options,
});

const ordinary = (n: number): Floats => noise(n, 7, 3);

/** Rows [1, n, 1] that hold NaN or infinities of one sign, at the front, in the middle and at the end. */
const specialRows = [65, 5].flatMap((n) =>
  [NaN, Infinity, -Infinity].flatMap((value) =>
    [0, n >> 1, n - 1].map((at): Job => {
      const x = ordinary(n);
      x[at] = value;
      return { reads: [x], writes: [floats(1)], params: [1, n, 1] };
    }),
  ),
);

/** Softmax of rows of ordinary size, of sizes that exp alone would overflow at, and of rows with one special value. */
function along(kernel: Kernel, make: (n: number, layout: Layout) => readonly Floats[], options: Partial<Case>): Case {
  const layouts = LAYOUTS.filter(([, n]) => n > 0);
  return {
    kernel,
    jobs: layouts.map((layout) => {
      const n = elements(layout);
      return { reads: make(n, layout), writes: [floats(n)], params: layout };
    }),
    ...options,
  };
}

const large = (n: number): Floats => noise(n, 3, 200);

const softmaxRows = [NaN, Infinity, -Infinity, 3e38, -3e38].map((value): Job => {
  const x = ordinary(20);
  x[3] = value;
  return { reads: [x], writes: [floats(20)], params: [2, 10, 1] };
});
const softmaxJobs = (kernel: Kernel): readonly Job[] => [
  ...along(kernel, (n) => [ordinary(n)], {}).jobs,
  ...along(kernel, (n) => [large(n)], {}).jobs,
  ...softmaxRows,
];

/** Rows of positive numbers whose sum is 1, as softmax gives them. */
const probabilities = (n: number, [, classes]: Layout): Floats => unit(n, 4).map((value) => (value * 2) / classes);

export const rows: readonly Case[] = [
  {
    kernel: sumKernel,
    jobs: [...reduction(sumKernel, ordinary, floats).jobs, ...specialRows],
    // 2e-6: running sums of up to 5,000 terms in f32 against the CPU's f64; the terms add up to at most a few hundred.
    within: 2e-6,
  },
  {
    kernel: meanKernel,
    jobs: [...reduction(meanKernel, ordinary, floats).jobs, ...specialRows],
    within: 1e-6, // a sum as above, divided by n
  },
  reduction(sumInt32Kernel, mixedIntegers, integers),
  reduction(sumBytesKernel, mixedBytes, integers),
  reduction(argmaxKernel, mixed, integers),
  reduction(argmaxInt32Kernel, mixedIntegers, integers),
  reduction(argmaxBytesKernel, mixedBytes, integers),
  // 1e-6: a sum of exponentials in f32 against one in f64, and results of at most 1.
  { kernel: softmaxKernel, jobs: softmaxJobs(softmaxKernel), within: 1e-6 },
  // 1e-6 of the value: the logarithm of that sum.
  { kernel: logSoftmaxKernel, jobs: softmaxJobs(logSoftmaxKernel), within: 1e-6 },
  // 1e-6: as softmax; gradients of about 1 times probabilities.
  along(softmaxBackwardKernel, (n, layout) => [probabilities(n, layout), noise(n, 9)], { within: 1e-6 }),
  // 2e-6: the sum of up to 5,000 gradients, times a probability.
  along(
    logSoftmaxBackwardKernel,
    (n, layout) => [probabilities(n, layout).map((p) => Math.fround(Math.log(p + 1e-6))), noise(n, 9)],
    { within: 2e-6 },
  ),
];
