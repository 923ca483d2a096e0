// Helpers that several kernels share, inlined into each but for those that run once at an array's end. A scalar twin gives the same bits as the lanes of its vector
// helper, so that no element depends on its position.

/** The lanes 0 and 1 of f32x4 `x` as f64x2. */
@inline
export function lowDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The lanes 2 and 3 of f32x4 `x` as f64x2. */
@inline
export function highDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1));
}

/** The four doubles of `low` and `high`, each rounded once, as f32x4. */
@inline
export function joinDoubles(low: v128, high: v128): v128 {
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** The sum of the four doubles of `low` and `high`, in one fixed order. */
@inline
export function sumDoubles(low: v128, high: v128): f64 {
  const pair = f64x2.add(low, high);
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** The four bytes at `p`, as i32 lanes. */
@inline
export function loadBytes(p: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
}

/** The low bytes of sixteen i32 lanes, in the order of the arguments. */
@inline
export function packBytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i8x16.shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
  const cd = i8x16.shuffle(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
  return i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** The first `count` (1 to 3) 32-bit elements at `address`; the other lanes are 0. */
export function loadTail(address: usize, count: u32): v128 {
  let value = v128.load32_zero(address);
  if (count > 1) value = v128.load32_lane(address, value, 1, 4);
  if (count > 2) value = v128.load32_lane(address, value, 2, 8);
  return value;
}

/** Stores the first `count` (1 to 3) 32-bit lanes of `value` at `address`. */
export function storeTail(address: usize, value: v128, count: u32): void {
  v128.store32_lane(address, value, 0);
  if (count > 1) v128.store32_lane(address, value, 1, 4);
  if (count > 2) v128.store32_lane(address, value, 2, 8);
}

/** Elements i … i + 3 of an operand: an array if `step` is 1, one number for all elements if it is 0. */
@inline
export function loadOperand(operand: usize, i: u32, step: u32): v128 {
  return step ? v128.load(operand + (i << 2)) : v128.load32_splat(operand);
}

/** Elements i … i + count - 1 (count is 1 to 3) of an operand as `loadOperand` reads it. */
export function loadOperandTail(operand: usize, i: u32, step: u32, count: u32): v128 {
  return step ? loadTail(operand + (i << 2), count) : v128.load32_splat(operand);
}

/** One byte, 0 or 1, for each 32-bit lane of a comparison's mask: lane k becomes byte k of the result's first four. */
@inline
export function maskBytes(mask: v128): v128 {
  const halves = i16x8.narrow_i32x4_s(mask, mask);
  return v128.and(i8x16.narrow_i16x8_s(halves, halves), i8x16.splat(1));
}

/** Stores the first `count` (1 to 3) bytes of `bytes` at `address`. */
export function storeBytesTail(address: usize, bytes: v128, count: u32): void {
  v128.store8_lane(address, bytes, 0);
  if (count > 1) v128.store8_lane(address, bytes, 1, 1);
  if (count > 2) v128.store8_lane(address, bytes, 2, 2);
}

/** a * b + c, rounded after each step: the same bits on every engine. */
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** 2^k for whole k from -126 to 127. */
@inline
export function powerOfTwo(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/**
 * e^x for four floats; subnormal results are rounded as any other, overflow gives inf, NaN stays NaN.
 * x = k ln 2 + r with |r| ≤ ln 2 / 2, e^r by a polynomial, then 2^k in two steps: k may leave the exponent's range.
 * Constants from Cephes' expf, https://netlib.org/cephes.
 */
@inline
export function expVector(x: v128): v128 {
  // Outside these bounds e^x rounds to 0 or to inf, and so do the bounds themselves; min and max keep NaN.
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-104)), f32x4.splat(89));
  const k = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)));
  // ln 2 in two parts: k times the first, of 9 bits, is exact.
  const high = f32x4.sub(clamped, f32x4.mul(k, f32x4.splat(0.693359375)));
  const r = f32x4.sub(high, f32x4.mul(k, f32x4.splat(-2.12194440e-4)));
  let p = mulAdd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = mulAdd(p, r, f32x4.splat(8.3334519073e-3));
  p = mulAdd(p, r, f32x4.splat(4.1665795894e-2));
  p = mulAdd(p, r, f32x4.splat(1.6666665459e-1));
  p = mulAdd(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(mulAdd(p, f32x4.mul(r, r), r), f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(k);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/**
 * ln x for four floats, relatively accurate near 1 too; ln 0 = -inf, ln of a negative number is NaN, inf and NaN stay.
 * x = 2^e m with √½ ≤ m < √2, ln m by a polynomial in m - 1. Constants from Cephes' logf, https://netlib.org/cephes.
 */
@inline
export function logVector(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const bits = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, subnormal);
  // 0x3f3504f3 is √½: counting from there puts m into [√½, √2).
  const offset = i32x4.sub(bits, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.sub(i32x4.shr_s(offset, 23), v128.and(subnormal, i32x4.splat(23)));
  const e = f32x4.convert_i32x4_s(exponent);
  const m = i32x4.add(v128.and(offset, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const t = f32x4.sub(m, f32x4.splat(1));
  const square = f32x4.mul(t, t);
  let p = mulAdd(f32x4.splat(7.0376836292e-2), t, f32x4.splat(-1.1514610310e-1));
  p = mulAdd(p, t, f32x4.splat(1.1676998740e-1));
  p = mulAdd(p, t, f32x4.splat(-1.2420140846e-1));
  p = mulAdd(p, t, f32x4.splat(1.4249322787e-1));
  p = mulAdd(p, t, f32x4.splat(-1.6668057665e-1));
  p = mulAdd(p, t, f32x4.splat(2.0000714765e-1));
  p = mulAdd(p, t, f32x4.splat(-2.4999993993e-1));
  p = mulAdd(p, t, f32x4.splat(3.3333331174e-1));
  const rest = mulAdd(e, f32x4.splat(-2.12194440e-4), f32x4.mul(f32x4.mul(p, t), square));
  const small = f32x4.add(t, mulAdd(square, f32x4.splat(-0.5), rest));
  const finite = mulAdd(e, f32x4.splat(0.693359375), small);
  const zero = f32x4.splat(0);
  const positive = v128.bitselect(finite, x, f32x4.lt(x, f32x4.splat(Infinity)));
  const known = v128.bitselect(f32x4.splat(-Infinity), positive, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.splat(NaN), known, f32x4.lt(x, zero));
}

/**
 * tanh x for four floats, relatively accurate near 0; -0 and NaN stay, large |x| gives ±1.
 * A polynomial below 0.625, else 1 - 2 / (e^2|x| + 1). Constants from Cephes' tanhf, https://netlib.org/cephes.
 */
@inline
export function tanhVector(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = mulAdd(f32x4.splat(-5.70498872745e-3), square, f32x4.splat(2.06390887954e-2));
  p = mulAdd(p, square, f32x4.splat(-5.37397155531e-2));
  p = mulAdd(p, square, f32x4.splat(1.33314422036e-1));
  p = mulAdd(p, square, f32x4.splat(-3.33332819422e-1));
  const near = mulAdd(f32x4.mul(p, square), size, size);
  const one = f32x4.splat(1);
  const power = expVector(f32x4.add(size, size));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(power, one)));
  const result = v128.bitselect(near, far, f32x4.lt(size, f32x4.splat(0.625)));
  return v128.bitselect(x, result, i32x4.splat(i32.MIN_VALUE)); // the sign of x
}

/** 1 / (1 + e^-x) for four floats, relatively accurate at both ends (e^x for very negative x); NaN stays. */
@inline
export function sigmoidVector(x: v128): v128 {
  // e^-|x| cannot overflow; for negative x the fraction is multiplied through by it.
  const power = expVector(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(power, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, power));
}

/** e^x of one float: the same bits as a lane of `expVector`. */
export function expScalar(x: f32): f32 {
  return f32x4.extract_lane(expVector(f32x4.splat(x)), 0);
}

/** ln x of one float: the same bits as a lane of `logVector`. */
export function logScalar(x: f32): f32 {
  return f32x4.extract_lane(logVector(f32x4.splat(x)), 0);
}

/** The high halves of the 64-bit products of unsigned 32-bit lanes. */
@inline
export function mulHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/** x * (word >> 8 < limit ? scale : 0): what dropout does to four elements. */
@inline
export function keepScale(x: v128, words: v128, limit: v128, scale: v128): v128 {
  return f32x4.mul(x, v128.and(scale, i32x4.lt_s(i32x4.shr_u(words, 8), limit)));
}

/** The same for one element. */
@inline
export function keepScaleOne(x: f32, word: u32, threshold: u32, scale: f32): f32 {
  return x * (word >> 8 < threshold ? scale : 0);
}

/** z < 0 ? 0 : z, keeping NaN and -0. */
@inline
export function clampNegative(z: v128): v128 {
  return v128.andnot(z, f32x4.lt(z, f32x4.splat(0)));
}

/** ln(1 + x) for four floats from -1 up, inf excepted; relatively accurate near 0, where 1 + x alone loses x. */
@inline
export function log1pVector(x: v128): v128 {
  const one = f32x4.splat(1);
  const rounded = f32x4.add(one, x);
  const lost = f32x4.sub(x, f32x4.sub(rounded, one)); // exact: what the addition dropped
  // ln(a + b) ≈ ln a + b / a for small b; nothing is lost where 1 + x is 0.
  const correction = v128.and(f32x4.div(lost, rounded), f32x4.ne(rounded, f32x4.splat(0)));
  return f32x4.add(logVector(rounded), correction);
}
