import { BLOCK_WORDS, philox } from "./philox";
import { keepScale, keepScaleOne } from "./vector";

/** x * (keep ? scale : 0) for `bytes` / 4 elements, by their words; `x` and `y` may be the same array. */
export function dropWords(x: usize, y: usize, words: usize, bytes: usize, threshold: u32, scale: f32): void {
  const limit = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(y + at, keepScale(v128.load(x + at), v128.load(words + at), limit, scales));
  for (; at < bytes; at += 4) store<f32>(y + at, keepScaleOne(load<f32>(x + at), load<u32>(words + at), threshold, scale));
}

/**
 * y[i] = x[i] * (keep(i) ? scale : 0) for i < n, keep(i) = (word i of the Philox stream >> 8) < threshold. `x` and `y` are
 * f32[n] and may be the same array. Dropped negatives are -0, dropped NaN and infinities NaN. `workspace` is u32[32].
 */
export function dropout(
  x: usize, y: usize, workspace: usize,
  n: u32, threshold: u32, scale: f32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32,
): void {
  dropoutFrom(x, y, workspace, 0, n, threshold, scale, offsetLow, offsetHigh, seedLow, seedHigh);
}

/** The same for elements first … first + n - 1 of a tensor, at `x` and `y`; `first` is a multiple of 4. */
export function dropoutFrom(
  x: usize, y: usize, workspace: usize,
  first: u32, n: u32, threshold: u32, scale: f32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32,
): void {
  for (let i: u32 = 0; i < n; i += BLOCK_WORDS) {
    philox((first + i) >> 2, offsetLow, offsetHigh, seedLow, seedHigh, workspace);
    const at = <usize>i << 2;
    dropWords(x + at, y + at, workspace, <usize>min(n - i, BLOCK_WORDS) << 2, threshold, scale);
  }
}
