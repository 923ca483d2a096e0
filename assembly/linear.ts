import { dropWords } from "./dropout";
import { product, SCRATCH_AT } from "./gemm";
import { wordsFrom, wordsServe } from "./philox";
import { clampNegative } from "./vector";

/** Bias and ReLU over a row of `bytes` / 4 elements. */
function activate(y: usize, bias: usize, bytes: usize, biased: u32, relu: u32): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    let z = v128.load(y + at);
    if (biased) z = f32x4.add(z, v128.load(bias + at));
    v128.store(y + at, relu ? clampNegative(z) : z);
  }
  for (; at < bytes; at += 4) {
    let z = load<f32>(y + at);
    if (biased) z += load<f32>(bias + at);
    store<f32>(y + at, relu && z < 0 ? 0 : z);
  }
}

/**
 * y[i][j] = drop(relu(sum over l of x[i][l] * w[j][l] + bias[j])) for i < rows, j < outs, l < ins; bias, ReLU and dropout
 * where `biased`, `relu`, `dropping` are not 0. x is f32[rows][ins], w f32[outs][ins], bias f32[outs], y f32[rows][outs];
 * y overlaps none of them. Dropout as in `dropout`, by the element's index in y.
 */
export function linear(
  x: usize, w: usize, bias: usize, y: usize, workspace: usize,
  rows: u32, ins: u32, outs: u32, biased: u32, relu: u32, dropping: u32,
  threshold: u32, scale: f32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32,
): void {
  linearFrom(
    x, w, bias, y, workspace, 0, rows, ins, outs, biased, relu, dropping,
    threshold, scale, offsetLow, offsetHigh, seedLow, seedHigh,
  );
}

/** The same for rows top … top + rows - 1 of a batch, at `x` and `y`. */
export function linearFrom(
  x: usize, w: usize, bias: usize, y: usize, workspace: usize,
  top: u32, rows: u32, ins: u32, outs: u32, biased: u32, relu: u32, dropping: u32,
  threshold: u32, scale: f32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32,
): void {
  const insBytes = <usize>ins << 2;
  const outsBytes = <usize>outs << 2;
  product(x, insBytes, 4, w, 4, insBytes, y, outsBytes, rows, outs, ins, workspace);
  if (!(biased | relu | dropping)) return;
  for (let i: u32 = 0; i < rows; i++) {
    const row = y + <usize>i * outsBytes;
    activate(row, bias, outsBytes, biased, relu);
    if (!dropping) continue;
    for (let j: u32 = 0; j < outs; ) {
      const first = (top + i) * outs + j;
      const count = min(outs - j, wordsServe(first));
      const words = wordsFrom(first, offsetLow, offsetHigh, seedLow, seedHigh, workspace + SCRATCH_AT);
      const at = row + (<usize>j << 2);
      dropWords(at, at, words, <usize>count << 2, threshold, scale);
      j += count;
    }
  }
}

/**
 * dz[i] = y[i] <= 0 ? 0 : dy[i] * scale for i < n: through Dropout and ReLU at once, since y is positive exactly where ReLU
 * passed and Dropout kept. All are f32[n]; dz may be dy or y. dy passes where y is NaN.
 */
export function linearBackward(y: usize, dy: usize, dz: usize, n: u32, scale: f32): void {
  const zero = f32x4.splat(0);
  const scales = f32x4.splat(scale);
  let i: usize = 0;
  const bytes = <usize>n << 2;
  for (; i + 16 <= bytes; i += 16)
    v128.store(dz + i, v128.andnot(f32x4.mul(v128.load(dy + i), scales), f32x4.le(v128.load(y + i), zero)));
  for (; i < bytes; i += 4) store<f32>(dz + i, load<f32>(y + i) <= 0 ? 0 : load<f32>(dy + i) * scale);
}
