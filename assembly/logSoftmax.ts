import { maxColumn, maxColumns, maxRow } from "./softmax";
import { sumRow } from "./sum";
import {
  expScalar,
  expVector,
  highDoubles,
  joinDoubles,
  logScalar,
  logVector,
  lowDoubles,
  sumDoubles,
} from "./vector";

/** log Σ_k exp(x[k] - largest) for k < n. `x` is f32[n]. */
function logSumRow(x: usize, n: u32, largest: f32): f32 {
  const shift = f32x4.splat(largest);
  const end = x + (<usize>n << 2);
  const blocks = x + (<usize>(n & ~3) << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; x < blocks; x += 16) {
    const power = expVector(f32x4.sub(v128.load(x), shift));
    low = f64x2.add(low, lowDoubles(power));
    high = f64x2.add(high, highDoubles(power));
  }
  let total = sumDoubles(low, high);
  for (; x < end; x += 4) total += <f64>expScalar(load<f32>(x) - largest);
  return logScalar(<f32>total);
}

/** log Σ_k exp(x[k] - largest) of four neighbouring columns of n values, `stride` bytes apart. */
function logSumColumns(x: usize, n: u32, stride: usize, largest: v128): v128 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: u32 = 0; k < n; ++k, x += stride) {
    const power = expVector(f32x4.sub(v128.load(x), largest));
    low = f64x2.add(low, lowDoubles(power));
    high = f64x2.add(high, highDoubles(power));
  }
  return logVector(joinDoubles(low, high));
}

/** log Σ_k exp(x[k] - largest) of a column of n values, `stride` bytes apart. */
function logSumColumn(x: usize, n: u32, stride: usize, largest: f32): f32 {
  let total: f64 = 0;
  for (let k: u32 = 0; k < n; ++k, x += stride) total += <f64>expScalar(load<f32>(x) - largest);
  return logScalar(<f32>total);
}

/**
 * largest[r] = max_k x[o, k, i] and logSum[r] = log Σ_k exp(x[o, k, i] - largest[r]) for the rows r = o * inner + i.
 * `x` is f32[outer * n * inner], the others are f32[outer * inner]; no two overlap.
 */
export function reduceRows(x: usize, largest: usize, logSum: usize, outer: u32, n: u32, inner: u32): void {
  const row = <usize>inner << 2;
  const slice = row * n;
  for (let o: u32 = 0; o < outer; ++o, x += slice, largest += row, logSum += row) {
    if (inner == 1) {
      const top = maxRow(x, n);
      store<f32>(largest, top);
      store<f32>(logSum, logSumRow(x, n, top));
      continue;
    }
    let i: usize = 0;
    for (const blocks = row & ~15; i < blocks; i += 16) {
      const top = maxColumns(x + i, n, row);
      v128.store(largest + i, top);
      v128.store(logSum + i, logSumColumns(x + i, n, row, top));
    }
    for (; i < row; i += 4) {
      const top = maxColumn(x + i, n, row);
      store<f32>(largest + i, top);
      store<f32>(logSum + i, logSumColumn(x + i, n, row, top));
    }
  }
}

function logSoftmaxRow(x: usize, y: usize, n: u32): void {
  const largest = maxRow(x, n);
  const logSum = logSumRow(x, n, largest);
  const bytes = <usize>n << 2;
  let k: usize = 0;
  for (const blocks = bytes & ~15; k < blocks; k += 16) {
    v128.store(y + k, f32x4.sub(f32x4.sub(v128.load(x + k), f32x4.splat(largest)), f32x4.splat(logSum)));
  }
  for (; k < bytes; k += 4) store<f32>(y + k, load<f32>(x + k) - largest - logSum);
}

function logSoftmaxColumns(x: usize, y: usize, n: u32, stride: usize): void {
  const largest = maxColumns(x, n, stride);
  const logSum = logSumColumns(x, n, stride, largest);
  for (let k: u32 = 0; k < n; ++k, x += stride, y += stride) {
    v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), largest), logSum));
  }
}

function logSoftmaxColumn(x: usize, y: usize, n: u32, stride: usize): void {
  const largest = maxColumn(x, n, stride);
  const logSum = logSumColumn(x, n, stride, largest);
  for (let k: u32 = 0; k < n; ++k, x += stride, y += stride) store<f32>(y, load<f32>(x) - largest - logSum);
}

/**
 * y[o, k, i] = x[o, k, i] - max_k - log Σ_k exp(x[o, k, i] - max_k) for o < outer, k < n, i < inner. `x` and `y` are
 * f32[outer * n * inner] and may be the same array. A NaN or +∞, or nothing but -∞, makes its whole row NaN.
 */
export function logSoftmax(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += slice) {
    if (inner == 1) {
      logSoftmaxRow(x, y, n);
      continue;
    }
    let i: usize = 0;
    for (const blocks = row & ~15; i < blocks; i += 16) logSoftmaxColumns(x + i, y + i, n, row);
    for (; i < row; i += 4) logSoftmaxColumn(x + i, y + i, n, row);
  }
}

function backwardRow(y: usize, dy: usize, dx: usize, n: u32): void {
  const total = <f32>sumRow(dy, n);
  const bytes = <usize>n << 2;
  let k: usize = 0;
  for (const blocks = bytes & ~15; k < blocks; k += 16) {
    const share = f32x4.mul(expVector(v128.load(y + k)), f32x4.splat(total));
    v128.store(dx + k, f32x4.sub(v128.load(dy + k), share));
  }
  for (; k < bytes; k += 4) store<f32>(dx + k, load<f32>(dy + k) - expScalar(load<f32>(y + k)) * total);
}

function backwardColumns(y: usize, dy: usize, dx: usize, n: u32, stride: usize): void {
  const bytes = <usize>n * stride;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: usize = 0; k < bytes; k += stride) {
    const slope = v128.load(dy + k);
    low = f64x2.add(low, lowDoubles(slope));
    high = f64x2.add(high, highDoubles(slope));
  }
  const total = joinDoubles(low, high);
  for (let k: usize = 0; k < bytes; k += stride) {
    v128.store(dx + k, f32x4.sub(v128.load(dy + k), f32x4.mul(expVector(v128.load(y + k)), total)));
  }
}

function backwardColumn(y: usize, dy: usize, dx: usize, n: u32, stride: usize): void {
  const bytes = <usize>n * stride;
  let sum: f64 = 0;
  for (let k: usize = 0; k < bytes; k += stride) sum += <f64>load<f32>(dy + k);
  const total = <f32>sum;
  for (let k: usize = 0; k < bytes; k += stride) {
    store<f32>(dx + k, load<f32>(dy + k) - expScalar(load<f32>(y + k)) * total);
  }
}

/**
 * dx[o, k, i] = dy[o, k, i] - exp(y[o, k, i]) * Σ_k dy[o, k, i] for o < outer, k < n, i < inner. `y` (what logSoftmax
 * gave), `dy` and `dx` are f32[outer * n * inner]; `dx` may be `y` or `dy`.
 */
export function logSoftmaxBackward(y: usize, dy: usize, dx: usize, outer: u32, n: u32, inner: u32): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, y += slice, dy += slice, dx += slice) {
    if (inner == 1) {
      backwardRow(y, dy, dx, n);
      continue;
    }
    let i: usize = 0;
    for (const blocks = row & ~15; i < blocks; i += 16) backwardColumns(y + i, dy + i, dx + i, n, row);
    for (; i < row; i += 4) backwardColumn(y + i, dy + i, dx + i, n, row);
  }
}
