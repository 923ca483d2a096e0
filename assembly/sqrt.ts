import { loadTail, storeTail } from "./vector";

/** y[i] = √x[i] for i < n. `x` and `y` are f32[n] and may be the same array. Correctly rounded; negatives give NaN. */
export function sqrt(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), f32x4.sqrt(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), f32x4.sqrt(loadTail(x + (i << 2), n - i)), n - i);
}
