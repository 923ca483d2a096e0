import { loadTail, storeTail } from "./vector";

/** y[i] = -x[i] for i < n. `x` and `y` are f32[n] and may be the same array. The sign of 0 and NaN flips too. */
export function neg(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), f32x4.neg(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), f32x4.neg(loadTail(x + (i << 2), n - i)), n - i);
}

/** y[i] = -x[i], wrapping, for i < n. `x` and `y` are i32[n] and may be the same array. */
export function negInt32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), i32x4.neg(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), i32x4.neg(loadTail(x + (i << 2), n - i)), n - i);
}
