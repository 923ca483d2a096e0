import { expScalar, expVector, highDoubles, joinDoubles, lowDoubles, sumDoubles } from "./vector";

/** The largest of x[0], …, x[n - 1], NaN if one is NaN, -∞ if n is 0. `x` is f32[n]. */
export function maxRow(x: usize, n: u32): f32 {
  let lanes = f32x4.splat(-Infinity);
  const end = x + (<usize>n << 2);
  const blocks = x + (<usize>(n & ~3) << 2);
  for (; x < blocks; x += 16) lanes = f32x4.max(lanes, v128.load(x));
  let largest = max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  largest = max(largest, max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
  for (; x < end; x += 4) largest = max(largest, load<f32>(x));
  return largest;
}

/** The largest values of four neighbouring columns of n values, `stride` bytes apart; NaN where one is NaN. */
export function maxColumns(x: usize, n: u32, stride: usize): v128 {
  let lanes = f32x4.splat(-Infinity);
  for (let k: u32 = 0; k < n; ++k, x += stride) lanes = f32x4.max(lanes, v128.load(x));
  return lanes;
}

/** The largest of a column of n values, `stride` bytes apart; NaN if one is NaN. */
export function maxColumn(x: usize, n: u32, stride: usize): f32 {
  let largest: f32 = -Infinity;
  for (let k: u32 = 0; k < n; ++k, x += stride) largest = max(largest, load<f32>(x));
  return largest;
}

function softmaxRow(x: usize, y: usize, n: u32): void {
  const largest = maxRow(x, n);
  const shift = f32x4.splat(largest);
  const bytes = <usize>n << 2;
  const blocks = bytes & ~15;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let k: usize = 0;
  for (; k < blocks; k += 16) {
    const power = expVector(f32x4.sub(v128.load(x + k), shift));
    v128.store(y + k, power);
    low = f64x2.add(low, lowDoubles(power));
    high = f64x2.add(high, highDoubles(power));
  }
  let total = sumDoubles(low, high);
  for (; k < bytes; k += 4) {
    const power = expScalar(load<f32>(x + k) - largest);
    store<f32>(y + k, power);
    total += <f64>power;
  }
  const divisor = <f32>total;
  for (k = 0; k < blocks; k += 16) v128.store(y + k, f32x4.div(v128.load(y + k), f32x4.splat(divisor)));
  for (; k < bytes; k += 4) store<f32>(y + k, load<f32>(y + k) / divisor);
}

function softmaxColumns(x: usize, y: usize, n: u32, stride: usize): void {
  const shift = maxColumns(x, n, stride);
  const bytes = <usize>n * stride;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: usize = 0; k < bytes; k += stride) {
    const power = expVector(f32x4.sub(v128.load(x + k), shift));
    v128.store(y + k, power);
    low = f64x2.add(low, lowDoubles(power));
    high = f64x2.add(high, highDoubles(power));
  }
  const divisor = joinDoubles(low, high);
  for (let k: usize = 0; k < bytes; k += stride) v128.store(y + k, f32x4.div(v128.load(y + k), divisor));
}

function softmaxColumn(x: usize, y: usize, n: u32, stride: usize): void {
  const largest = maxColumn(x, n, stride);
  const bytes = <usize>n * stride;
  let total: f64 = 0;
  for (let k: usize = 0; k < bytes; k += stride) {
    const power = expScalar(load<f32>(x + k) - largest);
    store<f32>(y + k, power);
    total += <f64>power;
  }
  const divisor = <f32>total;
  for (let k: usize = 0; k < bytes; k += stride) store<f32>(y + k, load<f32>(y + k) / divisor);
}

/**
 * y[o, k, i] = exp(x[o, k, i] - max_k) / Σ_k exp(x[o, k, i] - max_k) for o < outer, k < n, i < inner. `x` and `y` are
 * f32[outer * n * inner] and may be the same array. A NaN or +∞, or nothing but -∞, makes its whole row NaN.
 */
export function softmax(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += slice) {
    if (inner == 1) {
      softmaxRow(x, y, n);
      continue;
    }
    let i: usize = 0;
    for (const blocks = row & ~15; i < blocks; i += 16) softmaxColumns(x + i, y + i, n, row);
    for (; i < row; i += 4) softmaxColumn(x + i, y + i, n, row);
  }
}

function backwardRow(y: usize, dy: usize, dx: usize, n: u32): void {
  const bytes = <usize>n << 2;
  const blocks = bytes & ~15;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let k: usize = 0;
  for (; k < blocks; k += 16) {
    const value = v128.load(y + k);
    const slope = v128.load(dy + k);
    low = f64x2.add(low, f64x2.mul(lowDoubles(value), lowDoubles(slope)));
    high = f64x2.add(high, f64x2.mul(highDoubles(value), highDoubles(slope)));
  }
  let total = sumDoubles(low, high);
  for (; k < bytes; k += 4) total += <f64>load<f32>(y + k) * <f64>load<f32>(dy + k);
  const dot = <f32>total;
  for (k = 0; k < blocks; k += 16) {
    v128.store(dx + k, f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), f32x4.splat(dot))));
  }
  for (; k < bytes; k += 4) store<f32>(dx + k, load<f32>(y + k) * (load<f32>(dy + k) - dot));
}

function backwardColumns(y: usize, dy: usize, dx: usize, n: u32, stride: usize): void {
  const bytes = <usize>n * stride;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: usize = 0; k < bytes; k += stride) {
    const value = v128.load(y + k);
    const slope = v128.load(dy + k);
    low = f64x2.add(low, f64x2.mul(lowDoubles(value), lowDoubles(slope)));
    high = f64x2.add(high, f64x2.mul(highDoubles(value), highDoubles(slope)));
  }
  const dot = joinDoubles(low, high);
  for (let k: usize = 0; k < bytes; k += stride) {
    v128.store(dx + k, f32x4.mul(v128.load(y + k), f32x4.sub(v128.load(dy + k), dot)));
  }
}

function backwardColumn(y: usize, dy: usize, dx: usize, n: u32, stride: usize): void {
  const bytes = <usize>n * stride;
  let total: f64 = 0;
  for (let k: usize = 0; k < bytes; k += stride) total += <f64>load<f32>(y + k) * <f64>load<f32>(dy + k);
  const dot = <f32>total;
  for (let k: usize = 0; k < bytes; k += stride) {
    store<f32>(dx + k, load<f32>(y + k) * (load<f32>(dy + k) - dot));
  }
}

/**
 * dx[o, k, i] = y[o, k, i] * (dy[o, k, i] - Σ_k dy[o, k, i] * y[o, k, i]) for o < outer, k < n, i < inner. `y` (what
 * softmax gave), `dy` and `dx` are f32[outer * n * inner]; `dx` may be `y` or `dy`.
 */
export function softmaxBackward(y: usize, dy: usize, dx: usize, outer: u32, n: u32, inner: u32): void {
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
