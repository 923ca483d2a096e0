import { loadTail, sigmoidVector, storeTail } from "./vector";

/** y[i] = 1 / (1 + e^-x[i]) for i < n. `x` and `y` are f32[n] and may be the same array. NaN stays. */
export function sigmoid(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (i << 2), sigmoidVector(v128.load(x + (i << 2))));
  if (i < n) storeTail(y + (i << 2), sigmoidVector(loadTail(x + (i << 2), n - i)), n - i);
}

/**
 * dx[i] = dy[i] * (1 - y[i]) * y[i] for i < n. `y`, the output of sigmoid, `dy` and `dx` are f32[n].
 * `dx` may be `y` or `dy`.
 */
export function sigmoidBackward(y: usize, dy: usize, dx: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const output = v128.load(y + (i << 2));
    const gradient = v128.load(dy + (i << 2));
    v128.store(dx + (i << 2), f32x4.mul(f32x4.mul(gradient, f32x4.sub(f32x4.splat(1), output)), output));
  }
  if (i < n) {
    const output = loadTail(y + (i << 2), n - i);
    const gradient = loadTail(dy + (i << 2), n - i);
    storeTail(dx + (i << 2), f32x4.mul(f32x4.mul(gradient, f32x4.sub(f32x4.splat(1), output)), output), n - i);
  }
}
