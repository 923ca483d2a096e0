// include vector, philox

// WGSL has no f64, and what its floats do to a sum of a large and a small part is up to the compiler: log2 a, its product
// with b and the power of two are computed in integers, the same bits on every adapter. 64 bits are a vec2u (low, high).

struct Params {
  n: u32,
  aStep: u32,
  bStep: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@group(0) @binding(1) var<storage, read> aInt32: array<i32>;
@group(0) @binding(2) var<storage, read> bInt32: array<i32>;
@group(0) @binding(3) var<storage, read_write> yInt32: array<i32>;

const ONE = 0x3f800000u;
const INFINITY = 0x7f800000u;

// 128 / (1 + j / 8), rounded, and -log2 of a 128th of it in units of 2^-55.
const INVERSES = array<u32, 9>(128u, 114u, 102u, 93u, 85u, 79u, 73u, 68u, 64u);
const LOGARITHMS = array<vec2u, 9>(
  vec2u(0u, 0u), vec2u(0x29ffacb2u, 0x1563dcu), vec2u(0x659d8b31u, 0x29edf7u),
  vec2u(0x15786af2u, 0x3afcd8u), vec2u(0xeb013f5fu, 0x4b9913u), vec2u(0x62b66426u, 0x591db6u),
  vec2u(0x2fd0fc4du, 0x67b3d4u), vec2u(0x829b7675u, 0x74ce04u), vec2u(0u, 0x800000u),
);
// (log2(1 + r) / r - log2 e) / r for |r| < 1/16, in units of 2^-31: interpolated at Chebyshev's points, 2^-36 off at most.
const LOG_TERMS = array<i32, 7>(
  -1549082005, 1032721339, -774541004, 619628180, -516356519, 444958042, -389395252,
);
// (2^f - 1) / f for 0 ≤ f < 1, in units of 2^-31: 2^-37 off at most.
const EXP_TERMS = array<u32, 8>(
  0x58b90bfcu, 0x1ebfbe01u, 0x071ac21eu, 0x013b2b73u, 0x002bae23u, 0x0005122au, 0x00007903u, 0x00000f23u,
);

fn mulHighSigned(left: i32, right: i32) -> i32 {
  return i32(mulHigh(u32(left), u32(right))) - select(0, right, left < 0) - select(0, left, right < 0);
}

fn sum(left: vec2u, right: vec2u) -> vec2u {
  let low = left.x + right.x;
  return vec2u(low, left.y + right.y + select(0u, 1u, low < left.x));
}

fn negative(value: vec2u) -> vec2u {
  return sum(~value, vec2u(1u, 0u));
}

// value << by, for by < 64.
fn shiftLeft(value: vec2u, by: u32) -> vec2u {
  if (by >= 32u) {
    return vec2u(0u, value.x << (by - 32u));
  }
  return vec2u(value.x << by, (value.y << by) | ((value.x >> 1u) >> (31u - by)));
}

// value >> by, for any by.
fn shiftRight(value: vec2u, by: u32) -> vec2u {
  if (by >= 64u) {
    return vec2u();
  }
  if (by >= 32u) {
    return vec2u(value.y >> (by - 32u), 0u);
  }
  return vec2u((value.x >> by) | ((value.y << 1u) << (31u - by)), value.y >> by);
}

// A positive finite float as (bits, exponent): those of a normal float, and what to add to them for its power of two.
fn normalise(bits: u32) -> vec2i {
  if (bits < 0x00800000u) {
    let scaled = bitcast<i32>(f32(bits)); // times 2^149, exactly
    return vec2i(scaled, (scaled >> 23u) - 276);
  }
  return vec2i(i32(bits), i32(bits >> 23u) - 127);
}

// |log2(1 + r / 2^30)| in units of 2^-63 for |r| < 2^26, relatively accurate.
fn logNearOne(r: i32) -> vec2u {
  let scaled = r << 5u;
  var term = LOG_TERMS[6];
  for (var k = 5; k >= 0; k--) {
    term = LOG_TERMS[k] + (mulHighSigned(term, scaled) >> 3u);
  }
  // 0xe2a8eca5 is log2 e - 1 in units of 2^-33: the factor is 1 more.
  let factor = 0xe2a8eca5u + u32(mulHighSigned(term, scaled) >> 1u);
  let size = u32(abs(r));
  return vec2u(size * factor, mulHigh(size, factor) + (size << 1u));
}

struct Log {
  size: vec2u, // with the highest bit set
  unit: i32, // the power of two it counts in
  below: bool, // whether the logarithm is negative
}

// log2 of the positive finite float with these bits, 1 excepted. It is e + log2(c) + log2(1 + r), c one of nine numbers.
fn log2Of(bits: u32) -> Log {
  let normal = normalise(bits);
  let m = u32(normal.x) & 0x7fffffu;
  let j = (m + 0x80000u) >> 20u;
  let r = i32((m | 0x800000u) * INVERSES[j]) - 0x40000000;
  let near = logNearOne(r);
  var log = Log(near, -63, r < 0);
  let whole = normal.y + select(0, 1, j == 8u);
  if (whole != 0 || (j != 0u && j != 8u)) {
    let small = shiftRight(near, 8u);
    let large = sum(LOGARITHMS[j], vec2u(0u, u32(normal.y) << 23u));
    log.size = sum(large, select(small, negative(small), vec2<bool>(r < 0)));
    log.unit = -55;
    log.below = (log.size.y >> 31u) == 1u;
    if (log.below) {
      log.size = negative(log.size);
    }
  }
  let shift = select(countLeadingZeros(log.size.y), 32u + countLeadingZeros(log.size.x), log.size.y == 0u);
  log.size = shiftLeft(log.size, shift);
  log.unit -= i32(shift);
  return log;
}

// The bits of 2^(n + f / 2^32), rounded, also where it is subnormal.
fn exp2Bits(n: i32, f: u32) -> u32 {
  if (n > 127) {
    return INFINITY;
  }
  if (n < -150) {
    return 0u;
  }
  var term = EXP_TERMS[7];
  for (var k = 6; k >= 0; k--) {
    term = EXP_TERMS[k] + mulHigh(term, f);
  }
  let digits = 0x80000000u + mulHigh(term, f);
  let dropped = 7u + u32(max(-126 - n, 0)); // one more stays for rounding
  let kept = digits >> dropped;
  let more = select(0u, 1u, (kept << dropped) != digits);
  let rounded = (kept >> 1u) + (kept & ((kept >> 1u) | more) & 1u);
  return select((u32(n + 126) << 23u) + rounded, rounded, n < -126);
}

// The bits of a^b for the bits of a positive finite a, 1 excepted, and of a finite b other than 0.
fn powerBits(aBits: u32, bBits: u32) -> u32 {
  let log = log2Of(aBits);
  let exponent = normalise(bBits & 0x7fffffffu);
  let factor = (u32(exponent.x) & 0x7fffffu) | 0x800000u;
  // The upper 40 bits of the logarithm times the 24 of b.
  let low = (log.size.y << 8u) | (log.size.x >> 24u);
  let product = vec2u(low * factor, mulHigh(low, factor) + (log.size.y >> 24u) * factor);
  let drop = -(exponent.y - 23 + log.unit + 24 + 32); // to units of 2^-32
  let below = log.below != (bBits >> 31u == 1u);
  if (drop < 22) { // 512 at least
    return select(INFINITY, 0u, below);
  }
  var result = shiftRight(product, u32(drop));
  if (below) {
    result = negative(result);
  }
  return exp2Bits(i32(result.y), result.x);
}

// 0 if the finite float with these bits is no whole number, else 1 if it is odd, 2 if it is even; without its sign, not 0.
fn parity(bits: u32) -> u32 {
  let exponent = bits >> 23u;
  if (exponent < 127u) {
    return 0u;
  }
  if (exponent > 150u) {
    return 2u;
  }
  let m = (bits & 0x7fffffu) | 0x800000u;
  let fraction = 150u - exponent;
  let whole = m >> fraction;
  return select(0u, 2u - (whole & 1u), (whole << fraction) == m);
}

// What is left of a^b when b is none of the numbers with formulas of their own, by C's rules for 0, 1, inf, NaN.
fn general(aBits: u32, bBits: u32) -> f32 {
  let aSize = aBits & 0x7fffffffu;
  let bSize = bBits & 0x7fffffffu;
  if (aSize > INFINITY || bSize > INFINITY) {
    return nan();
  }
  if (bSize == INFINITY) {
    return select(select(0.0, infinity(), (aSize > ONE) == (bBits == INFINITY)), 1.0, aSize == ONE);
  }
  let kind = parity(bSize);
  let sign = select(0u, aBits & 0x80000000u, kind == 1u);
  if (aSize == 0u || aSize == INFINITY) {
    let grows = (aSize == INFINITY) == (bBits == bSize);
    return bitcast<f32>(sign | select(0u, INFINITY, grows));
  }
  if (aBits != aSize && kind == 0u) {
    return nan();
  }
  if (aSize == ONE) {
    return bitcast<f32>(sign | ONE);
  }
  return bitcast<f32>(sign | powerBits(aSize, bBits));
}

// a^b by C's rules for 0, 1, inf, NaN. Squares and cubes are f32 products, as in PyTorch.
fn power(base: f32, exponent: f32) -> f32 {
  let aBits = bitcast<u32>(base);
  let bBits = bitcast<u32>(exponent);
  if (isZero(exponent) || aBits == ONE) {
    return 1.0;
  }
  switch bBits {
    case 0x40000000u: { // 2
      return base * base;
    }
    case 0x40400000u: { // 3
      return base * base * base;
    }
    case ONE: {
      return base;
    }
    case 0xbf800000u: { // -1
      return 1.0 / base;
    }
    case 0x3f000000u: { // 1/2: the roots of -0 and -inf are 0 and inf here
      return squareRoot(select(base, abs(base), isZero(base) || aBits == 0xff800000u));
    }
    default: {
      return general(aBits, bBits);
    }
  }
}

// y[i] = a[i]^b[i] for i < n. y is f32[n]; a and b are f32[n] where their step is 1, or one f32 for all
// elements where it is 0. x^0 = 1^x = 1 even for NaN. One invocation takes elements i, i + stride, …
@compute @workgroup_size(64)
fn pow(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = power(a[i * params.aStep], b[i * params.bStep]);
  }
}

// a^b, wrapping. A negative b gives the truncated fraction: ±1 for a = ±1, else 0 (also for a = 0).
fn powerInt32(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) {
    return select(0, select(1, base, (exponent & 1) == 1), base == 1 || base == -1);
  }
  var result = 1;
  var square = base;
  for (var rest = exponent; rest > 0; rest >>= 1u) {
    result *= select(1, square, (rest & 1) == 1);
    square *= square;
  }
  return result;
}

// y[i] = a[i]^b[i], wrapping, for i < n. y is i32[n]; a and b are i32[n] where their step is 1, or one i32 for all
// elements where it is 0. A negative b gives 0 unless a is ±1. One invocation takes elements i, i + stride, …
@compute @workgroup_size(64)
fn powInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yInt32[i] = powerInt32(aInt32[i * params.aStep], bInt32[i * params.bStep]);
  }
}
