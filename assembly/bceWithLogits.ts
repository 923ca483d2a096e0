import { expVector, loadOperand, loadOperandTail, loadTail, log1pVector, sigmoidVector, storeTail } from "./vector";

function term(x: v128, y: v128, positive: v128): v128 {
  const one = f32x4.splat(1);
  const factor = f32x4.add(one, f32x4.mul(f32x4.sub(positive, one), y));
  const soft = log1pVector(expVector(f32x4.neg(f32x4.abs(x)))); // log(1 + e^-|x|) cannot overflow
  const hinge = f32x4.max(f32x4.neg(x), f32x4.splat(0));
  return f32x4.add(f32x4.mul(f32x4.sub(one, y), x), f32x4.mul(factor, f32x4.add(soft, hinge)));
}

/**
 * One run of n elements; element i has the weight posWeight[i] if `each` is 1, posWeight[0] if it is 2, 1 if it is 0.
 */
function forwardRun(x: usize, y: usize, posWeight: usize, out: usize, n: u32, each: u32): void {
  let positive = f32x4.splat(1);
  if (each == 2) positive = v128.load32_splat(posWeight);
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    if (each == 1) positive = v128.load(posWeight + (i << 2));
    v128.store(out + (i << 2), term(v128.load(x + (i << 2)), v128.load(y + (i << 2)), positive));
  }
  if (i < n) {
    const count = n - i;
    if (each == 1) positive = loadTail(posWeight + (i << 2), count);
    storeTail(out + (i << 2), term(loadTail(x + (i << 2), count), loadTail(y + (i << 2), count), positive), count);
  }
}

/**
 * out[i] = (1 - y[i]) x[i] + (1 + (p - 1) y[i]) (log(1 + exp(-|x[i]|)) + max(-x[i], 0)) for i < n, with p = posWeight[i
 * mod classes]. `x`, `y` and `out` are f32[n], `posWeight` is f32[classes] (not read unless `posWeighted` is 1: then p
 * is 1); `out` may be `x` or `y`.
 */
export function bceWithLogits(
  x: usize, y: usize, posWeight: usize, out: usize, n: u32, posWeighted: u32, classes: u32,
): void {
  if (!posWeighted || classes == 1) {
    forwardRun(x, y, posWeight, out, n, posWeighted ? 2 : 0);
    return;
  }
  for (let i: u32 = 0; i < n; i += classes) {
    const at = <usize>i << 2;
    forwardRun(x + at, y + at, posWeight, out + at, min(classes, n - i), 1);
  }
}

function slope(x: v128, y: v128, positive: v128, dy: v128, scale: f32): v128 {
  const one = f32x4.splat(1);
  const factor = f32x4.add(one, f32x4.mul(f32x4.sub(positive, one), y));
  const difference = f32x4.sub(f32x4.mul(factor, sigmoidVector(x)), f32x4.mul(positive, y));
  return f32x4.mul(f32x4.mul(difference, dy), f32x4.splat(scale));
}

/** One run of n elements, weights as in forwardRun. */
function backwardRun(
  x: usize, y: usize, posWeight: usize, dy: usize, dx: usize, n: u32, each: u32, dyStep: u32, scale: f32,
): void {
  let positive = f32x4.splat(1);
  if (each == 2) positive = v128.load32_splat(posWeight);
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    if (each == 1) positive = v128.load(posWeight + (i << 2));
    const upstream = loadOperand(dy, i, dyStep);
    v128.store(dx + (i << 2), slope(v128.load(x + (i << 2)), v128.load(y + (i << 2)), positive, upstream, scale));
  }
  if (i < n) {
    const count = n - i;
    if (each == 1) positive = loadTail(posWeight + (i << 2), count);
    const upstream = loadOperandTail(dy, i, dyStep, count);
    const result = slope(loadTail(x + (i << 2), count), loadTail(y + (i << 2), count), positive, upstream, scale);
    storeTail(dx + (i << 2), result, count);
  }
}

/**
 * dx[i] = ((1 + (p - 1) y[i]) sigmoid(x[i]) - p y[i]) dy[i * dyStep] scale for i < n, with p = posWeight[i mod
 * classes]. `x`, `y` and `dx` are f32[n], `posWeight` is f32[classes] (not read unless `posWeighted` is 1: then p is
 * 1), `dy` is f32[n] with dyStep 1, f32[1] with dyStep 0; `dx` may be `x` or `y`, and `dy` too with dyStep 1.
 */
export function bceWithLogitsBackward(
  x: usize, y: usize, posWeight: usize, dy: usize, dx: usize,
  n: u32, posWeighted: u32, classes: u32, dyStep: u32, scale: f32,
): void {
  if (!posWeighted || classes == 1) {
    backwardRun(x, y, posWeight, dy, dx, n, posWeighted ? 2 : 0, dyStep, scale);
    return;
  }
  for (let i: u32 = 0; i < n; i += classes) {
    const at = <usize>i << 2;
    backwardRun(x + at, y + at, posWeight, dy + at * dyStep, dx + at, min(classes, n - i), 1, dyStep, scale);
  }
}
