/**
 * Averages closer to zero become zero. On many processors a product with a subnormal number takes over a hundred cycles, and an
 * average that decays would stay subnormal for ever (0.9 times the smallest rounds to itself). 2⁻¹²⁵, so that β times what is
 * kept is not subnormal for β from 0.5 on; 1e-38 moves no parameter that eps 1e-8 divides.
 */
const TINY: f32 = 2.350988701644575e-38;

/** Elements first … n - 1 of `update`, one by one: the same operations in the same order, so the same bits. */
function updateTail(
  g: usize, p: usize, m: usize, v: usize, vmax: usize, first: u32, n: u32,
  beta1: f32, beta2: f32, oneMinusBeta1: f32, oneMinusBeta2: f32,
  stepSize: f32, sqrtBias2: f32, eps: f32, weightDecay: f32, maximize: u32,
): void {
  for (let i: usize = <usize>first << 2, end: usize = <usize>n << 2; i < end; i += 4) {
    const value = load<f32>(p + i);
    let slope = load<f32>(g + i);
    if (maximize) slope = -slope;
    if (weightDecay != 0) slope = slope + weightDecay * value;
    let mean = load<f32>(m + i) * beta1 + oneMinusBeta1 * slope;
    let square = load<f32>(v + i) * beta2 + oneMinusBeta2 * slope * slope;
    if (abs(mean) < TINY) mean = 0;
    if (square < TINY) square = 0;
    store<f32>(m + i, mean);
    store<f32>(v + i, square);
    if (vmax) {
      square = max(load<f32>(vmax + i), square);
      store<f32>(vmax + i, square);
    }
    store<f32>(p + i, value - (stepSize * mean) / (sqrt(square) / sqrtBias2 + eps));
  }
}

/** The step of both kernels; without AMSGrad `vmax` is 0. */
function update(
  g: usize, p: usize, m: usize, v: usize, vmax: usize, n: u32,
  beta1: f32, beta2: f32, oneMinusBeta1: f32, oneMinusBeta2: f32,
  stepSize: f32, sqrtBias2: f32, eps: f32, weightDecay: f32, maximize: u32,
): void {
  const sign = i32x4.splat(maximize ? i32.MIN_VALUE : 0);
  const blocks = <usize>(n & ~3) << 2;
  for (let i: usize = 0; i < blocks; i += 16) {
    const value = v128.load(p + i);
    let slope = v128.xor(v128.load(g + i), sign);
    if (weightDecay != 0) slope = f32x4.add(slope, f32x4.mul(f32x4.splat(weightDecay), value));
    const kept = f32x4.mul(v128.load(m + i), f32x4.splat(beta1));
    const sum = f32x4.add(kept, f32x4.mul(f32x4.splat(oneMinusBeta1), slope));
    const mean = v128.andnot(sum, f32x4.lt(f32x4.abs(sum), f32x4.splat(TINY)));
    const keptSquare = f32x4.mul(v128.load(v + i), f32x4.splat(beta2));
    const squares = f32x4.add(keptSquare, f32x4.mul(f32x4.mul(f32x4.splat(oneMinusBeta2), slope), slope));
    let square = v128.andnot(squares, f32x4.lt(squares, f32x4.splat(TINY)));
    v128.store(m + i, mean);
    v128.store(v + i, square);
    if (vmax) {
      square = f32x4.max(v128.load(vmax + i), square);
      v128.store(vmax + i, square);
    }
    const divisor = f32x4.add(f32x4.div(f32x4.sqrt(square), f32x4.splat(sqrtBias2)), f32x4.splat(eps));
    v128.store(p + i, f32x4.sub(value, f32x4.div(f32x4.mul(f32x4.splat(stepSize), mean), divisor)));
  }
  updateTail(
    g, p, m, v, vmax, n & ~3, n,
    beta1, beta2, oneMinusBeta1, oneMinusBeta2, stepSize, sqrtBias2, eps, weightDecay, maximize,
  );
}

/**
 * p[i] -= stepSize m[i] / (sqrt(v[i]) / sqrtBias2 + eps) for i < n, after m = beta1 m + oneMinusBeta1 d and v = beta2 v
 * + oneMinusBeta2 d² with d = (maximize ? -g : g) + weightDecay p. `g`, `p`, `m` and `v` are f32[n] and no two overlap;
 * p, m and v change in place. For step s = 1, 2, … the host gives stepSize = lr / (1 - beta1^s) and sqrtBias2 = sqrt(1
 * - beta2^s), reckoned in f64 and rounded. With weightDecay 0, p is not multiplied by it. m and v below TINY become 0.
 */
export function adam(
  g: usize, p: usize, m: usize, v: usize, n: u32,
  beta1: f32, beta2: f32, oneMinusBeta1: f32, oneMinusBeta2: f32,
  stepSize: f32, sqrtBias2: f32, eps: f32, weightDecay: f32, maximize: u32,
): void {
  update(
    g, p, m, v, 0, n,
    beta1, beta2, oneMinusBeta1, oneMinusBeta2, stepSize, sqrtBias2, eps, weightDecay, maximize,
  );
}

/**
 * p[i] -= stepSize m[i] / (sqrt(vmax[i]) / sqrtBias2 + eps) for i < n, after vmax = max(vmax, v) with m and v as in
 * adam. `g`, `p`, `m`, `v` and `vmax` are f32[n] and no two overlap; all but g change in place.
 */
export function adamAmsgrad(
  g: usize, p: usize, m: usize, v: usize, vmax: usize, n: u32,
  beta1: f32, beta2: f32, oneMinusBeta1: f32, oneMinusBeta2: f32,
  stepSize: f32, sqrtBias2: f32, eps: f32, weightDecay: f32, maximize: u32,
): void {
  update(
    g, p, m, v, vmax, n,
    beta1, beta2, oneMinusBeta1, oneMinusBeta2, stepSize, sqrtBias2, eps, weightDecay, maximize,
  );
}
