// Losses of classes and of pairs.
import { bceLossBackwardKernel, bceLossKernel } from "../../../src/ops/bceLoss.ts";
import { bceWithLogitsBackwardKernel, bceWithLogitsKernel } from "../../../src/ops/bceWithLogits.ts";
import { reduceLossKernel } from "../../../src/ops/classLoss.ts";
import { crossEntropyBackwardKernel, crossEntropyKernel } from "../../../src/ops/crossEntropy.ts";
import { mseLossBackwardKernel, mseLossKernel } from "../../../src/ops/mseLoss.ts";
import { nllLossBackwardKernel, nllLossKernel } from "../../../src/ops/nllLoss.ts";
import { evenly, mixed, SPECIALS } from "../../support/elementwise.ts";
import type { Job } from "../../support/gpuJobs.ts";
import { noise, unit } from "../../support/layouts.ts";
import { type Case, floats, pairs, SIZES } from "./case.ts";

type Floats = Float32Array<ArrayBuffer>;
type Layout = readonly [outer: number, classes: number, inner: number];

const IGNORED = -100;
const LAYOUTS: readonly Layout[] = [
  ...SIZES.map((outer): Layout => [outer, 10, 1]),
  ...SIZES.map((inner): Layout => [2, 3, inner]),
  [7, 65, 1],
  [3, 1000, 1],
  [4, 1, 1],
  [7, 3, 4], // threads share rows that are not contiguous
];
const total = ([outer, classes, inner]: Layout): number => outer * classes * inner;
const rowsOf = ([outer, , inner]: Layout): number => outer * inner;

/** Labels of every class, some ignored. */
const labels = (layout: Layout): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: rowsOf(layout) }, (_, r) => (r % 4 === 3 ? IGNORED : (r * 7) % layout[1]));

const weights = ([, classes]: Layout): Floats => unit(classes, 11).map((value) => value + 0.1);

/** The sum of a row's exponentials as crossEntropy saves it. */
const logSums = (x: Floats, [, classes, inner]: Layout, rows: number): Floats =>
  Float32Array.from({ length: rows }, (_, r) => {
    const first = Math.floor(r / inner) * classes * inner + (r % inner);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(x[first + k * inner] as number);
    return Math.log(sum);
  });

const scores = (layout: Layout): Floats => noise(total(layout), 5, 3);

/** Every layout with weights and without, and smoothing where there is some. */
const combinations = LAYOUTS.flatMap((layout) =>
  [0, 1].flatMap((weighted) => [0, 0.1, 1].map((smoothing) => ({ layout, weighted, smoothing }))),
);

/** A label that is no class, and the words that say so; scores that are NaN or infinite. */
const oddities = [NaN, Infinity, -Infinity].map((value) => {
  const x = noise(20, 6);
  x[4] = value;
  return x;
});
const WRONG = Int32Array.from([2, 10]);

const crossEntropyJobs: Job[] = [
  ...combinations.map(({ layout, weighted, smoothing }) => {
    const rows = rowsOf(layout);
    return {
      reads: [scores(layout), labels(layout), weights(layout)],
      writes: [floats(rows), floats(rows), floats(rows), new Int32Array(3)],
      params: [...layout, IGNORED, smoothing, weighted],
    };
  }),
  ...[WRONG, Int32Array.from([-1, 3])].map((target) => ({
    reads: [noise(20, 6), target, floats(1)],
    writes: [floats(2), floats(2), floats(2), new Int32Array(3)],
    params: [2, 10, 1, IGNORED, 0, 0],
  })),
  ...oddities.map((x) => ({
    reads: [x, Int32Array.from([4, 1]), floats(1)],
    writes: [floats(2), floats(2), floats(2), new Int32Array(3)],
    params: [2, 10, 1, IGNORED, 0, 0],
  })),
];

const crossEntropyBackwardJobs: Job[] = combinations.flatMap(({ layout, weighted, smoothing }) =>
  [0, 1].map((dyStep) => {
    const [rows, x] = [rowsOf(layout), scores(layout)];
    const saved = [logSums(x, layout, rows), Float32Array.of(2.5, 0.125)];
    return {
      reads: [x, labels(layout), weights(layout), ...saved, noise(dyStep ? rows : 1, 8)],
      writes: [floats(total(layout))],
      params: [...layout, IGNORED, smoothing, weighted, dyStep],
    };
  }),
);

const nllJobs: Job[] = [
  ...LAYOUTS.flatMap((layout) =>
    [0, 1].map((weighted) => ({
      reads: [scores(layout), labels(layout), weights(layout)],
      writes: [floats(rowsOf(layout)), floats(rowsOf(layout)), new Int32Array(3)],
      params: [...layout, IGNORED, weighted],
    })),
  ),
  ...[noise(20, 6), ...oddities].map((x) => ({
    reads: [x, WRONG, floats(1)],
    writes: [floats(2), floats(2), new Int32Array(3)],
    params: [2, 10, 1, IGNORED, 0],
  })),
];

const nllBackwardJobs: Job[] = LAYOUTS.flatMap((layout) =>
  [0, 1].flatMap((weighted) =>
    [0, 1].map((dyStep) => ({
      reads: [labels(layout), weights(layout), Float32Array.of(2.5, 0.125), noise(dyStep ? rowsOf(layout) : 1, 8)],
      writes: [floats(total(layout))],
      params: [...layout, IGNORED, weighted, dyStep],
    })),
  ),
);

const reduceJobs: Job[] = SIZES.flatMap((n) =>
  [0, 1].map((mean) => ({
    reads: [noise(n, 2, 3), unit(n, 3)],
    writes: [floats(2)],
    params: [n, mean],
  })),
);

/** (x, y, out, n) and (x, y, dy, dx, n, dyStep, scale). */
const pairJobs = (x: (n: number) => Floats, y: (n: number) => Floats): Job[] =>
  SIZES.map((n) => ({ reads: [x(n), y(n)], writes: [floats(n)], params: [n] }));
const pairBackwardJobs = (x: (n: number) => Floats, y: (n: number) => Floats): Job[] =>
  SIZES.flatMap((n) =>
    [0, 1].map((dyStep) => ({
      reads: [x(n), y(n), noise(dyStep ? n : 1, 4)],
      writes: [floats(n)],
      params: [n, dyStep, 0.125],
    })),
  );

const [specialX, specialY] = pairs(SPECIALS);
const specialPairs: Job = { reads: [specialX, specialY], writes: [floats(specialX.length)], params: [specialX.length] };
/** Probabilities, both ends among them. */
const chances = (n: number): Floats => evenly(0, 1, n);
const targets = (n: number): Floats => unit(n, 5);

const logitParams = (posWeighted: number): [posWeighted: number, classes: number] => [posWeighted, posWeighted ? 5 : 1];
const logitReads = (n: number): Floats[] => [evenly(-120, 120, n), unit(n, 5), unit(5, 6)];

export const losses: readonly Case[] = [
  // 1e-6 of the value: sums of exponentials in f32 against f64.
  { kernel: crossEntropyKernel, jobs: crossEntropyJobs, within: 1e-6 },
  // 1e-6: probabilities times gradients below 1.
  { kernel: crossEntropyBackwardKernel, jobs: crossEntropyBackwardJobs, within: 1e-6 },
  { kernel: nllLossKernel, jobs: nllJobs },
  { kernel: nllLossBackwardKernel, jobs: nllBackwardJobs },
  // 2e-6 of the value: sums of up to 1,000 losses in f32 against f64, one divided by the other.
  { kernel: reduceLossKernel, jobs: reduceJobs, within: 2e-6 },
  { kernel: mseLossKernel, jobs: [...pairJobs(mixed, (n) => mixed(n, 31)), specialPairs], flushes: true },
  {
    kernel: mseLossBackwardKernel,
    jobs: pairBackwardJobs(
      (n) => noise(n, 1),
      (n) => noise(n, 2),
    ),
  },
  // 1e-6 of the value: log1p in f32.
  { kernel: bceLossKernel, jobs: pairJobs(chances, targets), within: 1e-6 },
  { kernel: bceLossBackwardKernel, jobs: pairBackwardJobs(chances, targets), within: 1e-6 },
  {
    kernel: bceWithLogitsKernel,
    jobs: SIZES.flatMap((n) =>
      [0, 1].map((flag) => ({ reads: logitReads(n), writes: [floats(n)], params: [n, ...logitParams(flag)] })),
    ),
    within: 1e-5, // its terms, up to 120 here, cancel: the digits that contraction saves in them are half a float of 120
  },
  {
    kernel: bceWithLogitsBackwardKernel,
    jobs: SIZES.flatMap((n) =>
      [0, 1].flatMap((flag) =>
        [0, 1].map((dyStep) => ({
          reads: [...logitReads(n), noise(dyStep ? n : 1, 4)],
          writes: [floats(n)],
          params: [n, ...logitParams(flag), dyStep, 0.125],
        })),
      ),
    ),
    within: 1e-6,
  },
];
