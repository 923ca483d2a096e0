import { loadTail, storeTail } from "./vector";

/** y[i] = |x[i]| for i < n. `x` and `y` are f32[n] and may be the same array. NaN stays. */
export function abs(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), f32x4.abs(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), f32x4.abs(loadTail(x + (i << 2), n - i)), n - i);
}
