// Products, dropout, optimizers, copies and gathers.
import { stridedCopy, stridedCopyBytes } from "../../../src/array.ts";
import { gatherRowsKernel } from "../../../src/data/dataset.ts";
import { gatherBytesKernel } from "../../../src/data/mnist.ts";
import { dropoutKernel } from "../../../src/ops/dropout.ts";
import { linearBackwardKernel, linearGradientKernel, linearKernel } from "../../../src/ops/linear.ts";
import { matmulKernel } from "../../../src/ops/matmul.ts";
import { adamAmsgradKernel, adamKernel } from "../../../src/optim/adam.ts";
import { sgdKernel } from "../../../src/optim/sgd.ts";
import { mixed, SPECIALS } from "../../support/elementwise.ts";
import type { HostArray, Job } from "../../support/gpuJobs.ts";
import { noise } from "../../support/layouts.ts";
import { bytes, type Case, floats, mixedBytes, mixedIntegers, pairs, SIZES } from "./case.ts";

/** threshold and scale of p = 0.3, then offset and seed, each with a high word. */
export const DRAW = [Math.floor(0.7 * 2 ** 24 + 0.5), Math.fround(1 / Math.fround(0.7)), 3, 1, 5, 7] as const;

/** Rows, inner size, columns: smaller than a block, edges of blocks and tiles, past a panel of 256. */
const PRODUCT_SIZES = [
  [1, 1, 1],
  [3, 0, 5],
  [4, 4, 4],
  [5, 7, 3],
  [8, 256, 8],
  [9, 257, 33],
  [65, 33, 31],
  [37, 520, 10],
] as const;

const matmulJobs: Job[] = PRODUCT_SIZES.flatMap(([m, k, n]) =>
  [1, 3].map((batch) => ({
    reads: [noise(batch * m * k, 1), noise(batch * k * n, 2)],
    writes: [floats(batch * m * n)],
    params: [batch, m, n, k, m * k, k, 1, k * n, n, 1],
  })),
);
/** Both operands walked along their columns, the left one shared by the whole batch. */
const transposedJobs: Job[] = PRODUCT_SIZES.map(([m, k, n]) => ({
  reads: [noise(m * k, 1), noise(2 * k * n, 2)],
  writes: [floats(2 * m * n)],
  params: [2, m, n, k, 0, 1, m, k * n, 1, k],
}));

const linearJobs: Job[] = PRODUCT_SIZES.flatMap(([rows, ins, outs]) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((flags) => ({
    reads: [noise(rows * ins, 1), noise(outs * ins, 2), noise(outs, 3)],
    writes: [floats(rows * outs)],
    params: [rows, ins, outs, flags & 1, (flags >> 1) & 1, flags >> 2, ...DRAW],
  })),
);
const gradientJobs: Job[] = PRODUCT_SIZES.map(([rows, ins, outs]) => ({
  reads: [noise(rows * outs, 1), noise(rows * ins, 2)],
  writes: [floats(outs * ins), floats(outs)],
  params: [rows, ins, outs],
}));

const [specialY, specialDy] = pairs(SPECIALS);
const linearBackwardJobs: Job[] = [
  ...SIZES.map((n) => ({ reads: [noise(n, 1), noise(n, 2)], writes: [floats(n)], params: [n, 1.25] })),
  { reads: [specialY, specialDy], writes: [floats(specialY.length)], params: [specialY.length, 1.25] },
];

const adamParams = (n: number, weightDecay: number, maximize: number): number[] => {
  return [n, 0.9, 0.999, 0.1, 0.001, 0.01, 0.0316, 1e-8, weightDecay, maximize];
};
/** Steps over ordinary state, and one over gradients of every kind from a fresh state. */
const adamJobs = (squares: number): Job[] =>
  SIZES.flatMap((n) =>
    [0, 0.01].flatMap((weightDecay) =>
      [0, 1].map((maximize) => ({
        reads: [noise(n, 1)],
        writes: [noise(n, 2), noise(n, 3), ...[4, 5].slice(0, squares).map((seed) => noise(n, seed).map((v) => v * v))],
        params: adamParams(n, weightDecay, maximize),
      })),
    ),
  ).concat({
    reads: [SPECIALS],
    writes: [noise(17, 2), new Float32Array(17), ...[4, 5].slice(0, squares).map(() => new Float32Array(17))],
    params: adamParams(17, 0, 0),
  });

/** momentum, dampening, nesterov, first. */
const SGD_OPTIONS = [
  [0, 0, 0, 0],
  [0.9, 0, 0, 0],
  [0.9, 0, 0, 1],
  [0.9, 0, 1, 0],
  [0.9, 0.5, 0, 0],
] as const;
const sgdJobs: Job[] = SIZES.flatMap((n) =>
  SGD_OPTIONS.flatMap(([momentum, dampening, nesterov, first]) =>
    [0, 1].map((flag) => ({
      reads: [noise(n, 1)],
      // Without momentum the buffer is a single element that nothing touches.
      writes: [noise(n, 2), momentum === 0 ? floats(1) : noise(n, 3)],
      params: [n, 0.1, momentum, dampening, flag ? 0.01 : 0, nesterov, first, flag],
    })),
  ),
);

const dropoutJobs: Job[] = [
  ...SIZES.map((n) => mixed(n)),
  Float32Array.from([...SPECIALS, ...SPECIALS, ...SPECIALS, ...SPECIALS]),
].map((x) => ({ reads: [x], writes: [floats(x.length)], params: [x.length, ...DRAW] }));

/** Row sizes that are words and that begin inside one; rows taken twice, backwards and not at all. */
const gatherJobs = (rowSizes: readonly number[], to: (n: number) => HostArray): Job[] =>
  rowSizes.flatMap((rowBytes) =>
    SIZES.map((rows) => ({
      reads: [
        Uint8Array.from({ length: 13 * rowBytes }, (_, i) => i * 37),
        Int32Array.from({ length: rows }, (_, r) => (r * 11 + 12) % 13),
      ],
      writes: [to(rows * rowBytes)],
      params: [rows, rowBytes],
    })),
  );

/** xStart, yStart, six sizes, six steps. */
const WALKS: readonly (readonly number[])[] = [
  [0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1],
  [0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1],
  [1, 2, 1, 1, 1, 1, 1, 65, 0, 0, 0, 0, 0, 1], // from the middle to the middle
  [0, 0, 1, 1, 1, 1, 7, 9, 0, 0, 0, 0, 1, 7], // transposed
  [0, 3, 1, 1, 1, 1, 5, 13, 0, 0, 0, 0, 0, 1], // rows repeated
  [99, 1, 1, 1, 1, 1, 1, 100, 0, 0, 0, 0, 0, -1], // backwards
  [2, 5, 2, 1, 3, 2, 2, 3, 40, 0, 12, 3, 1, 4], // all six
];
const walked = (walk: readonly number[]): number => walk.slice(2, 8).reduce((n, size) => n * size, 1);
const copyJobs = (from: (n: number) => HostArray, to: (n: number) => HostArray): Job[] =>
  WALKS.map((walk) => ({ reads: [from(400)], writes: [to((walk[1] as number) + walked(walk) + 5)], params: walk }));

export const dense: readonly Case[] = [
  // 2e-5: what is promised of sums of up to 520 products, which an adapter may contract; these two give the CPU's bits.
  { kernel: matmulKernel, jobs: [...matmulJobs, ...transposedJobs], within: 2e-5 },
  { kernel: linearKernel, jobs: linearJobs, within: 2e-5 },
  { kernel: linearGradientKernel, jobs: gradientJobs, within: 2e-5 },
  { kernel: linearBackwardKernel, jobs: linearBackwardJobs, flushes: true },
  { kernel: dropoutKernel, jobs: dropoutJobs, flushes: true },
  { kernel: adamKernel, jobs: adamJobs(1), flushes: true },
  { kernel: adamAmsgradKernel, jobs: adamJobs(2), flushes: true },
  { kernel: sgdKernel, jobs: sgdJobs },
  { kernel: gatherBytesKernel, jobs: gatherJobs([1, 3, 784], floats) },
  { kernel: gatherRowsKernel, jobs: gatherJobs([1, 3, 4, 20], bytes) },
  { kernel: stridedCopy, jobs: [...copyJobs(mixed, floats), ...copyJobs(mixedIntegers, (n) => floats(n))] },
  { kernel: stridedCopyBytes, jobs: copyJobs(mixedBytes, bytes) },
];
