import { highDoubles, joinDoubles, lowDoubles, sumDoubles } from "./vector";

/** The f64 sum of x[0], …, x[n - 1], always in the same order. `x` is f32[n]. */
export function sumRow(x: usize, n: u32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = x + (<usize>n << 2);
  const blocks = x + (<usize>(n & ~3) << 2);
  for (; x < blocks; x += 16) {
    const value = v128.load(x);
    low = f64x2.add(low, lowDoubles(value));
    high = f64x2.add(high, highDoubles(value));
  }
  let total = sumDoubles(low, high);
  for (; x < end; x += 4) total += <f64>load<f32>(x);
  return total;
}

/** y[i] = Σ_k x[k][i] / divisor for i < columns, rows `bytes` apart: each column is summed in f64 in the order of k. */
export function sumColumns(x: usize, y: usize, n: u32, columns: u32, bytes: usize, divisor: f64): void {
  const all = f64x2.splat(divisor);
  let i: u32 = 0;
  for (const blocks = columns & ~3; i < blocks; i += 4) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let from = x + (<usize>i << 2);
    for (let k: u32 = 0; k < n; ++k, from += bytes) {
      const value = v128.load(from);
      low = f64x2.add(low, lowDoubles(value));
      high = f64x2.add(high, highDoubles(value));
    }
    v128.store(y + (<usize>i << 2), joinDoubles(f64x2.div(low, all), f64x2.div(high, all)));
  }
  for (; i < columns; ++i) {
    let total: f64 = 0;
    let from = x + (<usize>i << 2);
    for (let k: u32 = 0; k < n; ++k, from += bytes) total += <f64>load<f32>(from);
    store<f32>(y + (<usize>i << 2), <f32>(total / divisor));
  }
}

/** y[o, i] = Σ_k x[o, k, i] / divisor, summed and divided in f64 and rounded once. */
export function sumQuotient(x: usize, y: usize, outer: u32, n: u32, inner: u32, divisor: f64): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += row) {
    if (inner == 1) store<f32>(y, <f32>(sumRow(x, n) / divisor));
    else sumColumns(x, y, n, inner, row, divisor);
  }
}

/**
 * y[o, i] = Σ_k x[o, k, i] for o < outer, k < n, i < inner. `x` is f32[outer * n * inner], `y` is f32[outer * inner];
 * they must not overlap. Summed in f64 and rounded once; the order depends on n and on whether inner is 1, on nothing
 * else.
 */
export function sum(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  sumQuotient(x, y, outer, n, inner, 1);
}

function sumRowInt32(x: usize, n: u32): i32 {
  let lanes = i32x4.splat(0);
  const end = x + (<usize>n << 2);
  const blocks = x + (<usize>(n & ~3) << 2);
  for (; x < blocks; x += 16) lanes = i32x4.add(lanes, v128.load(x));
  let total = i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1);
  total += i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
  for (; x < end; x += 4) total += load<i32>(x);
  return total;
}

function sumColumnsInt32(x: usize, y: usize, n: u32, stride: u32): void {
  const bytes = <usize>stride << 2;
  let i: u32 = 0;
  for (const blocks = stride & ~3; i < blocks; i += 4) {
    let lanes = i32x4.splat(0);
    let from = x + (<usize>i << 2);
    for (let k: u32 = 0; k < n; ++k, from += bytes) lanes = i32x4.add(lanes, v128.load(from));
    v128.store(y + (<usize>i << 2), lanes);
  }
  for (; i < stride; ++i) {
    let total: i32 = 0;
    let from = x + (<usize>i << 2);
    for (let k: u32 = 0; k < n; ++k, from += bytes) total += load<i32>(from);
    store<i32>(y + (<usize>i << 2), total);
  }
}

/**
 * y[o, i] = Σ_k x[o, k, i] modulo 2^32 for o < outer, k < n, i < inner. `x` is i32[outer * n * inner], `y` is
 * i32[outer * inner]; they must not overlap.
 */
export function sumInt32(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += row) {
    if (inner == 1) store<i32>(y, sumRowInt32(x, n));
    else sumColumnsInt32(x, y, n, inner);
  }
}

function sumRowBytes(x: usize, n: u32): i32 {
  let lanes = i32x4.splat(0);
  const end = x + n;
  const blocks = x + (n & ~15);
  for (; x < blocks; x += 16) {
    lanes = i32x4.add(lanes, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v128.load(x))));
  }
  let total = i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1);
  total += i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
  for (; x < end; ++x) total += <i32>load<u8>(x);
  return total;
}

function sumColumnsBytes(x: usize, y: usize, n: u32, stride: u32): void {
  let i: u32 = 0;
  for (const blocks = stride & ~3; i < blocks; i += 4) {
    let lanes = i32x4.splat(0);
    let from = x + i;
    for (let k: u32 = 0; k < n; ++k, from += stride) {
      lanes = i32x4.add(lanes, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from))));
    }
    v128.store(y + (<usize>i << 2), lanes);
  }
  for (; i < stride; ++i) {
    let total: i32 = 0;
    let from = x + i;
    for (let k: u32 = 0; k < n; ++k, from += stride) total += <i32>load<u8>(from);
    store<i32>(y + (<usize>i << 2), total);
  }
}

/**
 * y[o, i] = Σ_k x[o, k, i] modulo 2^32 for o < outer, k < n, i < inner. `x` is u8[outer * n * inner], `y` is
 * i32[outer * inner]; they must not overlap.
 */
export function sumBytes(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  const slice = <usize>n * inner;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += row) {
    if (inner == 1) store<i32>(y, sumRowBytes(x, n));
    else sumColumnsBytes(x, y, n, inner);
  }
}
