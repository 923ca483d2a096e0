import { reduceRows } from "./logSoftmax";
import { expScalar, expVector, highDoubles, joinDoubles, loadOperand, lowDoubles } from "./vector";

/** -Σ_k w_k log p_k of one row, its values `stride` bytes apart; w_k is 1 unless weighted. */
function smoothTerm(x: usize, weight: usize, classes: u32, stride: usize, top: f32, log: f32, weighted: u32): f64 {
  let total: f64 = 0;
  for (let k: u32 = 0; k < classes; ++k, x += stride) {
    const term = <f64>(log - (load<f32>(x) - top));
    total += weighted ? <f64>load<f32>(weight + (<usize>k << 2)) * term : term;
  }
  return total;
}

/**
 * loss[r] = -Σ_k q_k (x_k - logSum[r]), q_k = ((1 - smoothing) [k = target[r]] + smoothing / classes) w_k. Rows are r =
 * o * inner + i with x_k = x[o, k, i]; logSum[r] = max_k x_k + log Σ_k exp(x_k - max). `x` is f32[outer * classes *
 * inner], `target` i32[outer * inner] and `weight` f32[classes] (w_k; not read unless `weighted` is 1: else w_k is 1);
 * `loss`, `logSum` and `picked` (w of the target) are f32[outer * inner], `fault` is i32[3]; no two overlap. Where
 * target[r] is `ignoreIndex`, loss and picked are 0. A target outside [0, classes) makes them NaN and leaves 1, the
 * target and `classes` in `fault`, which is otherwise not written.
 */
export function crossEntropy(
  x: usize, target: usize, weight: usize, loss: usize, logSum: usize, picked: usize, fault: usize,
  outer: u32, classes: u32, inner: u32, ignoreIndex: i32, smoothing: f32, weighted: u32,
): void {
  reduceRows(x, logSum, loss, outer, classes, inner);
  const stride = <usize>inner << 2;
  const rest: f64 = 1 - <f64>smoothing;
  const even: f64 = <f64>smoothing / <f64>classes;
  for (let o: u32 = 0; o < outer; ++o, x += stride * (classes - 1)) {
    for (let i: u32 = 0; i < inner; ++i, x += 4, target += 4, loss += 4, logSum += 4, picked += 4) {
      const top = load<f32>(logSum);
      const log = load<f32>(loss);
      store<f32>(logSum, top + log);
      const t = load<i32>(target);
      const known = <u32>t < classes;
      if (t == ignoreIndex || !known) {
        store<f32>(loss, t == ignoreIndex ? 0 : NaN);
        store<f32>(picked, t == ignoreIndex ? 0 : NaN);
        if (t == ignoreIndex) continue;
        store<i32>(fault, 1);
        store<i32>(fault, t, 4);
        store<i32>(fault, classes, 8);
        continue;
      }
      const w: f32 = weighted ? load<f32>(weight + (<usize>t << 2)) : 1;
      // From max and log apart: their sum, rounded, would cost digits where the values of x are large.
      const term = w * (log - (load<f32>(x + <usize>t * stride) - top));
      store<f32>(picked, w);
      if (smoothing == 0) store<f32>(loss, term);
      else {
        const smooth = smoothTerm(x, weight, classes, stride, top, log, weighted);
        store<f32>(loss, <f32>(rest * <f64>term + even * smooth));
      }
    }
  }
}

/** dx_k = g (exp(x_k - logSum) total - q_k) of one contiguous row; q_k = even w_k, plus `own` at the target. */
function backwardRow(
  x: usize, weight: usize, dx: usize, classes: u32, weighted: u32,
  t: u32, g: f32, logSum: f32, total: f32, own: f32, even: f32,
): void {
  const at = <usize>t << 2;
  const picked = load<f32>(x + at); // before dx, which may be x, covers it
  const bytes = <usize>classes << 2;
  let k: usize = 0;
  for (const blocks = bytes & ~15; k < blocks; k += 16) {
    let q = f32x4.splat(even);
    if (weighted) q = f32x4.mul(q, v128.load(weight + k));
    const p = expVector(f32x4.sub(v128.load(x + k), f32x4.splat(logSum)));
    v128.store(dx + k, f32x4.mul(f32x4.splat(g), f32x4.sub(f32x4.mul(p, f32x4.splat(total)), q)));
  }
  for (; k < bytes; k += 4) {
    const q = weighted ? even * load<f32>(weight + k) : even;
    store<f32>(dx + k, g * (expScalar(load<f32>(x + k) - logSum) * total - q));
  }
  const q = own + (weighted ? even * load<f32>(weight + at) : even);
  store<f32>(dx + at, g * (expScalar(picked - logSum) * total - q));
}

/** The same for a row whose values lie `stride` bytes apart. */
function backwardColumn(
  x: usize, weight: usize, dx: usize, classes: u32, stride: usize, weighted: u32,
  t: u32, g: f32, logSum: f32, total: f32, own: f32, even: f32,
): void {
  for (let k: u32 = 0; k < classes; ++k, x += stride, dx += stride) {
    const spread = weighted ? even * load<f32>(weight + (<usize>k << 2)) : even;
    const q = k == t ? own + spread : spread;
    store<f32>(dx, g * (expScalar(load<f32>(x) - logSum) * total - q));
  }
}

/** The weight of class t, 0 if there is no such class. */
function weightAt(weight: usize, t: i32, classes: u32): f32 {
  return <u32>t < classes ? load<f32>(weight + (<usize>t << 2)) : 0;
}

/** The same for the four rows r … r + 3 that begin at `x` side by side; the pointers to rows are at row r. */
function backwardColumns(
  x: usize, target: usize, weight: usize, logSum: usize, dy: usize, dx: usize, classes: u32, stride: usize,
  ignoreIndex: i32, weighted: u32, dyStep: u32, factor: f32, rest: f64, spread: f64, even: f32,
): void {
  const t = v128.load(target);
  const ignored = i32x4.eq(t, i32x4.splat(ignoreIndex));
  const active = v128.andnot(i32x4.lt_u(t, i32x4.splat(classes)), ignored);
  const g = f32x4.mul(loadOperand(dy, 0, dyStep), f32x4.splat(factor));
  const log = v128.load(logSum);
  let w = f32x4.splat(1);
  if (weighted) {
    w = f32x4.splat(weightAt(weight, load<i32>(target), classes));
    w = f32x4.replace_lane(w, 1, weightAt(weight, load<i32>(target, 4), classes));
    w = f32x4.replace_lane(w, 2, weightAt(weight, load<i32>(target, 8), classes));
    w = f32x4.replace_lane(w, 3, weightAt(weight, load<i32>(target, 12), classes));
  }
  const low = f64x2.mul(f64x2.splat(rest), lowDoubles(w));
  const high = f64x2.mul(f64x2.splat(rest), highDoubles(w));
  const own = joinDoubles(low, high);
  const total = joinDoubles(f64x2.add(low, f64x2.splat(spread)), f64x2.add(high, f64x2.splat(spread)));
  for (let k: u32 = 0; k < classes; ++k, x += stride, dx += stride) {
    const share = f32x4.splat(weighted ? even * load<f32>(weight + (<usize>k << 2)) : even);
    const q = v128.bitselect(f32x4.add(own, share), share, i32x4.eq(t, i32x4.splat(k)));
    const p = expVector(f32x4.sub(v128.load(x), log));
    v128.store(dx, v128.and(f32x4.mul(g, f32x4.sub(f32x4.mul(p, total), q)), active));
  }
}

function zeroColumn(dx: usize, classes: u32, stride: usize): void {
  for (let k: u32 = 0; k < classes; ++k, dx += stride) store<f32>(dx, 0);
}

/** Σ_k w_k, which is `classes` without weights. */
function weightSum(weight: usize, classes: u32, weighted: u32): f64 {
  if (!weighted) return <f64>classes;
  let total: f64 = 0;
  for (let k: u32 = 0; k < classes; ++k, weight += 4) total += <f64>load<f32>(weight);
  return total;
}

/**
 * dx_k = g (exp(x_k - logSum[r]) Σ_j q_j - q_k), g = dy[r * dyStep] * scale[1], with rows r and q_k as in crossEntropy.
 * `x` and `dx` are f32[outer * classes * inner] and may be the same array, `target` is i32[outer * inner], `weight`
 * f32[classes] (not read unless `weighted` is 1), `logSum` f32[outer * inner], `scale` f32[2] (what reduceLoss gave);
 * `dy` is f32[outer * inner] with dyStep 1, f32[1] with dyStep 0. Where the target is `ignoreIndex` or no class, dx is
 * 0, whatever g is.
 */
export function crossEntropyBackward(
  x: usize, target: usize, weight: usize, logSum: usize, scale: usize, dy: usize, dx: usize,
  outer: u32, classes: u32, inner: u32, ignoreIndex: i32, smoothing: f32, weighted: u32, dyStep: u32,
): void {
  const stride = <usize>inner << 2;
  const skip = stride * (classes - 1);
  const rest: f64 = 1 - <f64>smoothing;
  const even = <f32>(<f64>smoothing / <f64>classes);
  const spread: f64 = smoothing == 0 ? 0 : <f64>even * weightSum(weight, classes, weighted);
  const factor = load<f32>(scale, 4);
  for (let o: u32 = 0; o < outer; ++o, x += skip, dx += skip) {
    let i: u32 = 0;
    for (; i + 4 <= inner; i += 4, x += 16, dx += 16, target += 16, logSum += 16, dy += <usize>dyStep << 4) {
      backwardColumns(
        x, target, weight, logSum, dy, dx, classes, stride,
        ignoreIndex, weighted, dyStep, factor, rest, spread, even,
      );
    }
    for (; i < inner; ++i, x += 4, dx += 4, target += 4, logSum += 4, dy += <usize>dyStep << 2) {
      const t = load<i32>(target);
      if (t == ignoreIndex || <u32>t >= classes) {
        zeroColumn(dx, classes, stride);
        continue;
      }
      const g = load<f32>(dy) * factor;
      const log = load<f32>(logSum);
      const ownSum: f64 = rest * (weighted ? <f64>load<f32>(weight + (<usize>t << 2)) : 1);
      const total = <f32>(ownSum + spread);
      const own = <f32>ownSum;
      if (inner == 1) backwardRow(x, weight, dx, classes, weighted, t, g, log, total, own, even);
      else backwardColumn(x, weight, dx, classes, stride, weighted, t, g, log, total, own, even);
    }
  }
}
