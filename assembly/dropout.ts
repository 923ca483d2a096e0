import { BLOCK_WORDS, wordsFrom } from "./philox";
import { keepScale, keepScaleOne } from "./vector";

/**
 * y[i] = x[i] * (keep(i) ? scale : 0) for i < n, keep(i) = (word i of the Philox stream >> 8) < threshold. `x` and `y` are
 * f32[n] and may be the same array. Dropped negatives are -0, dropped NaN and infinities NaN. `workspace` is u32[32].
 */
export function dropout(
  x: usize, y: usize, workspace: usize,
  n: u32, threshold: u32, scale: f32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32,
): void {
  const limit = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  let i: u32 = 0;
  for (; i + BLOCK_WORDS <= n; i += BLOCK_WORDS) {
    const words = wordsFrom(i, offsetLow, offsetHigh, seedLow, seedHigh, workspace);
    const from = x + (<usize>i << 2);
    const to = y + (<usize>i << 2);
    v128.store(to, keepScale(v128.load(from, 0), v128.load(words, 0), limit, scales), 0);
    v128.store(to, keepScale(v128.load(from, 16), v128.load(words, 16), limit, scales), 16);
    v128.store(to, keepScale(v128.load(from, 32), v128.load(words, 32), limit, scales), 32);
    v128.store(to, keepScale(v128.load(from, 48), v128.load(words, 48), limit, scales), 48);
  }
  if (i == n) return;
  const words = wordsFrom(i, offsetLow, offsetHigh, seedLow, seedHigh, workspace);
  for (let k: u32 = 0; i < n; i++, k++) {
    const at = <usize>i << 2;
    store<f32>(y + at, keepScaleOne(load<f32>(x + at), load<u32>(words + (<usize>k << 2)), threshold, scale));
  }
}
