import { loadTail, logVector, storeTail } from "./vector";

/** y[i] = ln x[i] for i < n. `x` and `y` are f32[n] and may be the same array. ln 0 = -inf; negatives give NaN. */
export function log(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), logVector(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), logVector(loadTail(x + (i << 2), n - i)), n - i);
}
