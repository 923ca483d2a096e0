import { maxRow } from "./softmax";

function argmaxRow(x: usize, n: u32): i32 {
  const largest = maxRow(x, n);
  for (let k: u32 = 0; k < n; ++k, x += 4) {
    const value = load<f32>(x);
    if (value == largest || value != value) return k;
  }
  return 0;
}

/** The indices in y[0..4) of the largest values of four neighbouring columns. */
function argmaxColumns(x: usize, y: usize, n: u32, stride: usize): void {
  let best = f32x4.splat(-Infinity);
  let index = i32x4.splat(0);
  for (let k: u32 = 0; k < n; ++k, x += stride) {
    const value = v128.load(x);
    const firstNaN = v128.andnot(f32x4.ne(value, value), f32x4.ne(best, best));
    const larger = v128.or(f32x4.gt(value, best), firstNaN);
    best = v128.bitselect(value, best, larger);
    index = v128.bitselect(i32x4.splat(k), index, larger);
  }
  v128.store(y, index);
}

function argmaxColumn(x: usize, n: u32, stride: usize): i32 {
  let best: f32 = -Infinity;
  let index: i32 = 0;
  for (let k: u32 = 0; k < n; ++k, x += stride) {
    const value = load<f32>(x);
    if (!(value > best || (value != value && best == best))) continue;
    best = value;
    index = k;
  }
  return index;
}

/**
 * y[o, i] = the k of the largest x[o, k, i] for o < outer, k < n, i < inner: the first of ties; NaN counts as largest
 * and the first NaN wins. `x` is f32[outer * n * inner], `y` is i32[outer * inner]; they must not overlap. 0 where n is
 * 0.
 */
export function argmax(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  const slice = (<usize>n * inner) << 2;
  const row = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += slice, y += row) {
    if (inner == 1) {
      store<i32>(y, argmaxRow(x, n));
      continue;
    }
    let i: usize = 0;
    for (const blocks = row & ~15; i < blocks; i += 16) argmaxColumns(x + i, y + i, n, row);
    for (; i < row; i += 4) store<i32>(y + i, argmaxColumn(x + i, n, row));
  }
}

/**
 * y[o, i] = the first k of the largest x[o, k, i] for o < outer, k < n, i < inner. `x` is i32[outer * n * inner], `y`
 * is i32[outer * inner]; they must not overlap. 0 where n is 0.
 */
export function argmaxInt32(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  for (let o: u32 = 0; o < outer; ++o) {
    for (let i: u32 = 0; i < inner; ++i, y += 4) {
      let from = x + ((<usize>o * n * inner + i) << 2);
      let best = i32.MIN_VALUE;
      let index: i32 = 0;
      for (let k: u32 = 0; k < n; ++k, from += <usize>inner << 2) {
        const value = load<i32>(from);
        if (value <= best) continue;
        best = value;
        index = k;
      }
      store<i32>(y, index);
    }
  }
}

/**
 * y[o, i] = the first k of the largest x[o, k, i] for o < outer, k < n, i < inner. `x` is u8[outer * n * inner], `y` is
 * i32[outer * inner]; they must not overlap. 0 where n is 0.
 */
export function argmaxBytes(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  for (let o: u32 = 0; o < outer; ++o) {
    for (let i: u32 = 0; i < inner; ++i, y += 4) {
      let from = x + <usize>o * n * inner + i;
      let best: i32 = -1;
      let index: i32 = 0;
      for (let k: u32 = 0; k < n; ++k, from += inner) {
        const value = <i32>load<u8>(from);
        if (value <= best) continue;
        best = value;
        index = k;
      }
      store<i32>(y, index);
    }
  }
}
