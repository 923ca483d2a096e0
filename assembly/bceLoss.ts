import { loadOperand, loadOperandTail, loadTail, log1pVector, logVector, storeTail } from "./vector";

function term(x: v128, y: v128): v128 {
  const least = f32x4.splat(-100);
  const yes = f32x4.max(logVector(x), least);
  const no = f32x4.max(log1pVector(f32x4.neg(x)), least);
  return f32x4.sub(f32x4.mul(f32x4.sub(y, f32x4.splat(1)), no), f32x4.mul(y, yes));
}

/**
 * out[i] = (y[i] - 1) max(log(1 - x[i]), -100) - y[i] max(log x[i], -100) for i < n. `x` (0 ≤ x ≤ 1), `y` and `out` are
 * f32[n]; `out` may be `x` or `y`. The bound keeps 0 · log 0 and the loss of a certain error finite.
 */
export function bceLoss(x: usize, y: usize, out: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(out + (i << 2), term(v128.load(x + (i << 2)), v128.load(y + (i << 2))));
  if (i < n) storeTail(out + (i << 2), term(loadTail(x + (i << 2), n - i), loadTail(y + (i << 2), n - i)), n - i);
}

@inline
function slope(x: v128, y: v128, dy: v128, scale: f32): v128 {
  const product = f32x4.mul(f32x4.sub(f32x4.splat(1), x), x);
  const ratio = f32x4.div(f32x4.sub(x, y), f32x4.max(product, f32x4.splat(1e-12)));
  return f32x4.mul(f32x4.mul(ratio, dy), f32x4.splat(scale));
}

/**
 * dx[i] = (x[i] - y[i]) / max((1 - x[i]) x[i], 1e-12) dy[i * dyStep] scale for i < n. `x`, `y` and `dx` are f32[n],
 * `dy` is f32[n] with dyStep 1, f32[1] with dyStep 0; `dx` may be `x` or `y`, and `dy` too with dyStep 1.
 */
export function bceLossBackward(x: usize, y: usize, dy: usize, dx: usize, n: u32, dyStep: u32, scale: f32): void {
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
