import { loadTail, storeTail } from "./vector";

/** y[i] = x[i] < 0 ? 0 : x[i] for i < n. `x` and `y` are f32[n] and may be the same array. NaN and -0 stay. */
export function relu(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const value = v128.load(x + (i << 2));
    v128.store(y + (i << 2), v128.andnot(value, f32x4.lt(value, f32x4.splat(0))));
  }
  if (i < n) {
    const value = loadTail(x + (i << 2), n - i);
    storeTail(y + (i << 2), v128.andnot(value, f32x4.lt(value, f32x4.splat(0))), n - i);
  }
}

/**
 * dx[i] = y[i] <= 0 ? 0 : dy[i] for i < n. `y`, the output of relu, `dy` and `dx` are f32[n]; `dx` may be `y` or `dy`.
 * Where y is NaN, dy passes.
 */
export function reluBackward(y: usize, dy: usize, dx: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const output = v128.load(y + (i << 2));
    const gradient = v128.load(dy + (i << 2));
    v128.store(dx + (i << 2), v128.andnot(gradient, f32x4.le(output, f32x4.splat(0))));
  }
  if (i < n) {
    const output = loadTail(y + (i << 2), n - i);
    const gradient = loadTail(dy + (i << 2), n - i);
    storeTail(dx + (i << 2), v128.andnot(gradient, f32x4.le(output, f32x4.splat(0))), n - i);
  }
}
