const f = Math.fround;

// PyTorch's vector code takes the logarithm, sine and cosine from Cephes' single-precision approximations, in float32
// with fused multiply-adds. A product of two float32 is exact in float64, so f(a * b + c) is that fused operation.

const SQRT_HALF = f(Math.SQRT1_2);
const LOG_TERMS = Float32Array.of(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
const LN2_LOW = f(-2.1219444e-4);
const LN2_HIGH = 0.693359375;

const FOUR_OVER_PI = f(1.27323954473516);
const QUARTER_PI_HIGH = -0.78515625;
const QUARTER_PI_MIDDLE = f(-2.4187564849853516e-4);
const QUARTER_PI_LOW = f(-3.774894977445941e-8);
const COS_0 = f(2.443315711809948e-5);
const COS_1 = f(-1.388731625493765e-3);
const COS_2 = f(4.166664568298827e-2);
const SIN_0 = f(-1.9515295891e-4);
const SIN_1 = f(8.3321608736e-3);
const SIN_2 = f(-1.6666654611e-1);
const TWO_PI = f(2 * Math.PI);

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** ln(x) for a float32 x in [2^-126, 1], with Cephes' error; every step in float32. */
function cephesLog(x: number): number {
  float[0] = x;
  let e = (bits[0]! >>> 23) - 126;
  bits[0] = (bits[0]! & 0x7fffff) | (126 << 23);
  let m = float[0]!;
  if (m < SQRT_HALF) {
    e -= 1;
    m = f(f(m - 1) + m);
  } else {
    m = f(m - 1);
  }
  const z = f(m * m);
  let y = LOG_TERMS[0]!;
  for (let k = 1; k < LOG_TERMS.length; k++) y = f(y * m + LOG_TERMS[k]!);
  y = f(f(y * m) * z + f(e * LN2_LOW));
  y = f(-0.5 * z + y);
  return f(e * LN2_HIGH + f(m + y));
}

/** Sine and cosine of a float32 x >= 0, with Cephes' error; every step in float32. */
function cephesSinCos(x: number, out: Float32Array): void {
  const j = (Math.trunc(f(x * FOUR_OVER_PI)) + 1) & ~1;
  let r = f(j * QUARTER_PI_HIGH + x);
  r = f(j * QUARTER_PI_MIDDLE + r);
  r = f(j * QUARTER_PI_LOW + r);
  const z = f(r * r);
  let c = f(f(COS_0 * z + COS_1) * z + COS_2);
  c = f(f(f(c * z) * z - f(0.5 * z)) + 1);
  let s = f(f(SIN_0 * z + SIN_1) * z + SIN_2);
  s = f(f(s * z) * r + r);
  const swapped = (j & 2) !== 0;
  out[0] = (j & 4) === 0 ? (swapped ? c : s) : -(swapped ? c : s);
  out[1] = (~(j - 2) & 4) === 0 ? (swapped ? s : c) : -(swapped ? s : c);
}

const sinCos = new Float32Array(2);

/**
 * Turns 16 uniform values into 16 normal ones, in place: with u = 1 − x[i + j], v = x[i + j + 8] and
 * r = √(−2 ln u) for j < 8, x[i + j] = r·cos(2πv)·std + mean and x[i + j + 8] = r·sin(2πv)·std + mean.
 * Bit for bit PyTorch's AVX2 `normal_fill`.
 *
 * @param x float32 values in [0, 1) at i … i + 15
 * @param mean rounded to float32
 * @param std rounded to float32
 */
export function normalBlock(x: Float32Array, i: number, mean: number, std: number): void {
  const center = f(mean);
  const scale = f(std);
  for (let j = i; j < i + 8; j++) {
    const radius = f(Math.sqrt(f(-2 * cephesLog(f(1 - x[j]!)))));
    cephesSinCos(f(TWO_PI * x[j + 8]!), sinCos);
    x[j] = f(radius * sinCos[1]!) * scale + center;
    x[j + 8] = f(radius * sinCos[0]!) * scale + center;
  }
}
