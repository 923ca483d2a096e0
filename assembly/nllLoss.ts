/**
 * loss[r] = -w_t x[o, t, i] with t = target[r] for the rows r = o * inner + i. `x` (log p) is f32[outer * classes *
 * inner], `target` i32[outer * inner], `weight` f32[classes] (not read unless `weighted` is 1: else w_t is 1); `loss`
 * and `picked` (w_t) are f32[outer * inner], `fault` is i32[3]; no two overlap. Where the target is `ignoreIndex`, loss
 * and picked are 0. A target outside [0, classes) makes them NaN and leaves 1, the target and `classes` in `fault`,
 * which is otherwise not written.
 */
export function nllLoss(
  x: usize, target: usize, weight: usize, loss: usize, picked: usize, fault: usize,
  outer: u32, classes: u32, inner: u32, ignoreIndex: i32, weighted: u32,
): void {
  const stride = <usize>inner << 2;
  for (let o: u32 = 0; o < outer; ++o, x += stride * (classes - 1)) {
    for (let i: u32 = 0; i < inner; ++i, x += 4, target += 4, loss += 4, picked += 4) {
      const t = load<i32>(target);
      let w: f32 = 1;
      let term: f32 = 0;
      if (t == ignoreIndex) w = 0;
      else if (<u32>t < classes) {
        if (weighted) w = load<f32>(weight + (<usize>t << 2));
        term = -(w * load<f32>(x + <usize>t * stride));
      } else {
        w = NaN;
        term = NaN;
        store<i32>(fault, 1);
        store<i32>(fault, t, 4);
        store<i32>(fault, classes, 8);
      }
      store<f32>(loss, term);
      store<f32>(picked, w);
    }
  }
}

/**
 * dx[o, k, i] = k = t ? -w_t dy[r * dyStep] scale[1] : 0 with t = target[r] for the rows r = o * inner + i. `target` is
 * i32[outer * inner], `weight` f32[classes] (not read unless `weighted` is 1), `scale` f32[2] (what reduceLoss gave);
 * `dy` is f32[outer * inner] with dyStep 1, f32[1] with dyStep 0; `dx` is f32[outer * classes * inner] and overlaps
 * none. Where the target is `ignoreIndex` or no class, dx is 0, whatever dy is.
 */
export function nllLossBackward(
  target: usize, weight: usize, scale: usize, dy: usize, dx: usize,
  outer: u32, classes: u32, inner: u32, ignoreIndex: i32, weighted: u32, dyStep: u32,
): void {
  const stride = <usize>inner << 2;
  const factor = load<f32>(scale, 4);
  memory.fill(dx, 0, stride * classes * outer);
  for (let o: u32 = 0; o < outer; ++o, dx += stride * (classes - 1)) {
    for (let i: u32 = 0; i < inner; ++i, dx += 4, target += 4, dy += <usize>dyStep << 2) {
      const t = load<i32>(target);
      if (t == ignoreIndex || <u32>t >= classes) continue;
      const g = load<f32>(dy) * factor;
      const w: f32 = weighted ? load<f32>(weight + (<usize>t << 2)) : 1;
      store<f32>(dx + <usize>t * stride, -(w * g));
    }
  }
}
