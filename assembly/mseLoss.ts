import { loadOperand, loadOperandTail, loadTail, storeTail } from "./vector";

/** out[i] = (x[i] - y[i])² for i < n. `x`, `y` and `out` are f32[n]; `out` may be `x` or `y`. */
export function mseLoss(x: usize, y: usize, out: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const difference = f32x4.sub(v128.load(x + (i << 2)), v128.load(y + (i << 2)));
    v128.store(out + (i << 2), f32x4.mul(difference, difference));
  }
  if (i < n) {
    const difference = f32x4.sub(loadTail(x + (i << 2), n - i), loadTail(y + (i << 2), n - i));
    storeTail(out + (i << 2), f32x4.mul(difference, difference), n - i);
  }
}

function slope(x: v128, y: v128, dy: v128, scale: f32): v128 {
  const difference = f32x4.sub(x, y);
  return f32x4.mul(f32x4.mul(f32x4.add(difference, difference), dy), f32x4.splat(scale));
}

/**
 * dx[i] = 2 (x[i] - y[i]) dy[i * dyStep] scale for i < n. `x`, `y` and `dx` are f32[n], `dy` is f32[n] with dyStep 1,
 * f32[1] with dyStep 0; `dx` may be `x` or `y`, and `dy` too with dyStep 1.
 */
export function mseLossBackward(x: usize, y: usize, dy: usize, dx: usize, n: u32, dyStep: u32, scale: f32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const upstream = loadOperand(dy, i, dyStep);
    v128.store(dx + (i << 2), slope(v128.load(x + (i << 2)), v128.load(y + (i << 2)), upstream, scale));
  }
  if (i < n) {
    const count = n - i;
    const upstream = loadOperandTail(dy, i, dyStep, count);
    const result = slope(loadTail(x + (i << 2), count), loadTail(y + (i << 2), count), upstream, scale);
    storeTail(dx + (i << 2), result, count);
  }
}
