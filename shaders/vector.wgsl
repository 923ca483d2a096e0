// Helpers that several kernels share: the twins of assembly/vector.ts, with names that leave the kernels' names free. They
// decide by bits, not by float comparisons, where NaN, -0 or subnormals count: adapters may flush and assume these away.

fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// Through a variable: a constant NaN or infinity does not compile.
fn nan() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}

fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}

// x < 0: false for NaN and -0, true for subnormals.
fn isNegative(x: f32) -> bool {
  let bits = bitcast<u32>(x);
  return bits > 0x80000000u && bits <= 0xff800000u;
}

// x == 0, of either sign.
fn isZero(x: f32) -> bool {
  return (bitcast<u32>(x) << 1u) == 0u;
}

// z < 0 ? 0 : z, keeping NaN and -0.
fn clampNegative(z: f32) -> f32 {
  return select(z, 0.0, isNegative(z));
}

// False if a or b is NaN, else their `rank`s compare as they do.
fn comparable(a: f32, b: f32) -> bool {
  return !isNan(a) && !isNan(b);
}

// An integer for each float, in the same order; 0 for both zeros.
fn rank(x: f32) -> i32 {
  let bits = bitcast<i32>(x);
  return select(bits, -(bits & 0x7fffffff), bits < 0);
}

// x * (word >> 8 < threshold ? scale : 0): what dropout does to one element.
fn keepScale(x: f32, word: u32, threshold: u32, scale: f32) -> f32 {
  return x * select(0.0, scale, (word >> 8u) < threshold);
}

// 2^k for whole k from -126 to 127.
fn powerOfTwo(k: i32) -> f32 {
  return bitcast<f32>(u32(k + 127) << 23u);
}

// e^x; subnormal results may be 0, overflow gives inf, NaN stays NaN. x = k ln 2 + r with |r| ≤ ln 2 / 2, e^r by a polynomial,
// then 2^k in two steps: k may leave the exponent's range. Constants from Cephes' expf, https://netlib.org/cephes.
fn exponential(x: f32) -> f32 {
  if (isNan(x)) {
    return x;
  }
  let clamped = min(max(x, -104.0), 89.0);
  let k = round(clamped * 1.44269504088896341);
  // ln 2 in two parts: k times the first, of 9 bits, is exact.
  let high = clamped - k * 0.693359375;
  let r = high - k * -2.12194440e-4;
  var p = 1.9875691500e-4 * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  // min changes nothing: without it Mesa's compiler adds r and 1 first, which costs up to 0.3 ulp.
  p = min(p * (r * r) + r, 1.0) + 1.0;
  let whole = i32(k);
  let part = whole >> 1u;
  return (p * powerOfTwo(part)) * powerOfTwo(whole - part);
}

// ln x, relatively accurate near 1 too; ln 0 = -inf, ln of a negative number is NaN, inf and NaN stay. x = 2^e m with
// √½ ≤ m < √2, ln m by a polynomial in m - 1. Constants from Cephes' logf, https://netlib.org/cephes.
fn logarithm(x: f32) -> f32 {
  if (isZero(x)) {
    return -infinity();
  }
  if (isNegative(x)) {
    return nan();
  }
  var bits = bitcast<u32>(x);
  if (bits >= 0x7f800000u) {
    return x;
  }
  let subnormal = bits < 0x00800000u;
  if (subnormal) {
    bits = bitcast<u32>(f32(bits)); // x 2^149, exactly
  }
  // 0x3f3504f3 is √½: counting from there puts m into [√½, √2).
  let offset = bitcast<i32>(bits) - 0x3f3504f3;
  let e = f32((offset >> 23u) - select(0, 149, subnormal));
  let m = bitcast<f32>((offset & 0x7fffff) + 0x3f3504f3);
  let t = m - 1.0;
  let square = t * t;
  var p = 7.0376836292e-2 * t + -1.1514610310e-1;
  p = p * t + 1.1676998740e-1;
  p = p * t + -1.2420140846e-1;
  p = p * t + 1.4249322787e-1;
  p = p * t + -1.6668057665e-1;
  p = p * t + 2.0000714765e-1;
  p = p * t + -2.4999993993e-1;
  p = p * t + 3.3333331174e-1;
  let rest = e * -2.12194440e-4 + (p * t) * square;
  let small = t + (square * -0.5 + rest);
  return e * 0.693359375 + small;
}

// ln(1 + x) from -1 up, inf excepted; relatively accurate near 0, where 1 + x alone loses x.
fn log1p(x: f32) -> f32 {
  let rounded = 1.0 + x;
  var correction = 0.0;
  // ln(a + b) ≈ ln a + b / a for small b, which no longer counts from 64 on; nothing is lost where 1 + x is 0.
  if (rounded > 0.0 && rounded < 64.0) {
    // rounded - 1 by way of integers, exactly: in floats a compiler may make (1 + x) - 1 x.
    let less = f32(i32(rounded * 16777216.0) - 16777216) * 5.9604644775390625e-8;
    correction = (x - less) / rounded;
  }
  return logarithm(rounded) + correction;
}

// tanh x, relatively accurate near 0; -0 and NaN stay, large |x| gives ±1. A polynomial below 0.625, else
// 1 - 2 / (e^2|x| + 1). Constants from Cephes' tanhf, https://netlib.org/cephes.
fn hyperbolicTangent(x: f32) -> f32 {
  let size = abs(x);
  // Below 2^-12 tanh x rounds to x, also where arithmetic would flush it.
  if (isNan(x) || size < 0.000244140625) {
    return x;
  }
  let square = x * x;
  var p = -5.70498872745e-3 * square + 2.06390887954e-2;
  p = p * square + -5.37397155531e-2;
  p = p * square + 1.33314422036e-1;
  p = p * square + -3.33332819422e-1;
  let near = (p * square) * size + size;
  let far = 1.0 - 2.0 / (exponential(size + size) + 1.0);
  let result = select(far, near, size < 0.625);
  return bitcast<f32>(bitcast<u32>(result) | (bitcast<u32>(x) & 0x80000000u));
}

// 1 / (1 + e^-x), relatively accurate at both ends (e^x for very negative x); NaN stays.
fn logistic(x: f32) -> f32 {
  if (isNan(x)) {
    return x;
  }
  // e^-|x| cannot overflow; for negative x the fraction is multiplied through by it.
  let power = exponential(-abs(x));
  return select(1.0, power, x < 0.0) / (1.0 + power);
}

// √x, correctly rounded, which WGSL's sqrt need not be; ±0, inf and NaN stay, negatives give NaN.
fn squareRoot(x: f32) -> f32 {
  if (isNegative(x)) {
    return nan();
  }
  var bits = bitcast<u32>(x);
  if (isZero(x) || bits >= 0x7f800000u) {
    return x;
  }
  let subnormal = bits < 0x00800000u;
  if (subnormal) {
    bits = bitcast<u32>(f32(bits)); // x 2^149, exactly
  }
  let exponent = i32(bits >> 23u) - select(127, 276, subnormal);
  // x = m 4^h 2^-23 with 2^23 ≤ m < 2^25: the root's significand is the r next to √(m 2^23).
  let m = ((bits & 0x7fffffu) | 0x800000u) << u32(exponent & 1);
  let h = exponent >> 1u;
  let scaled = f32(m) * 1.1920928955078125e-7;
  var r = i32(scaled * inverseSqrt(scaled) * 8388608.0);
  // m 2^23 - r² modulo 2^32 is enough: r is a few units off at most.
  var left = bitcast<i32>((m << 23u) - u32(r) * u32(r));
  for (; left > r; r++) {
    left -= 2 * r + 1;
  }
  for (; left <= -r; r--) {
    left += 2 * r - 1;
  }
  return bitcast<f32>((u32(h + 126) << 23u) + u32(r));
}
