/** Elements from `n & ~3` on, one by one: the same operations in the same order as the lanes, so the same bits. */
function updateTail(
  g: usize, p: usize, buf: usize, n: u32,
  lr: f32, momentum: f32, fresh: f32, weightDecay: f32, nesterov: u32, first: u32, maximize: u32,
): void {
  for (let i: usize = <usize>(n & ~3) << 2, end: usize = <usize>n << 2; i < end; i += 4) {
    const value = load<f32>(p + i);
    let slope = load<f32>(g + i);
    if (maximize) slope = -slope;
    if (weightDecay != 0) slope = slope + weightDecay * value;
    if (momentum != 0) {
      const velocity = first ? slope : load<f32>(buf + i) * momentum + fresh * slope;
      store<f32>(buf + i, velocity);
      slope = nesterov ? slope + momentum * velocity : velocity;
    }
    store<f32>(p + i, value - lr * slope);
  }
}

/**
 * p[i] -= lr d for i < n, d = (maximize ? -g : g) + weightDecay p; with momentum buf = first ? d : momentum buf + (1 -
 * dampening) d, then d = nesterov ? d + momentum buf : buf. `g`, `p` and `buf` are f32[n] and no two overlap; p and buf
 * change in place. With momentum 0, `buf` is neither read nor written; with first 1 (the first step), it is not read.
 */
export function sgd(
  g: usize, p: usize, buf: usize, n: u32,
  lr: f32, momentum: f32, dampening: f32, weightDecay: f32, nesterov: u32, first: u32, maximize: u32,
): void {
  const fresh: f32 = 1 - dampening;
  const sign = i32x4.splat(maximize ? i32.MIN_VALUE : 0);
  const blocks = <usize>(n & ~3) << 2;
  for (let i: usize = 0; i < blocks; i += 16) {
    const value = v128.load(p + i);
    let slope = v128.xor(v128.load(g + i), sign);
    if (weightDecay != 0) slope = f32x4.add(slope, f32x4.mul(f32x4.splat(weightDecay), value));
    if (momentum != 0) {
      let velocity = slope;
      if (!first) {
        const kept = f32x4.mul(v128.load(buf + i), f32x4.splat(momentum));
        velocity = f32x4.add(kept, f32x4.mul(f32x4.splat(fresh), slope));
      }
      v128.store(buf + i, velocity);
      slope = nesterov ? f32x4.add(slope, f32x4.mul(f32x4.splat(momentum), velocity)) : velocity;
    }
    v128.store(p + i, f32x4.sub(value, f32x4.mul(f32x4.splat(lr), slope)));
  }
  updateTail(g, p, buf, n, lr, momentum, fresh, weightDecay, nesterov, first, maximize);
}
