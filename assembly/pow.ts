// Element by element: powers are computed in f64, whose table look-ups have no SIMD form.

/** a^b by C's rules for 0, 1, inf, NaN. Squares and cubes are f32 products, as in PyTorch; the rest comes from f64. */
function power(a: f32, b: f32): f32 {
  if (b == 2) return a * a;
  if (b == 3) return a * a * a;
  if (b == 1) return a;
  if (b == 0 || a == 1) return 1;
  if (b == -1) return 1 / a;
  if (b == 0.5) return a == -Infinity ? Infinity : f32.sqrt(a + 0); // + 0: the root of -0 is 0 here
  if (a == -1 && f32.abs(b) == Infinity) return 1;
  return f32(Math.pow(f64(a), f64(b)));
}

/**
 * y[i] = a[i]^b[i] for i < n. `y` is f32[n]; `a` and `b` are f32[n] where their step is 1, or one f32 for all elements
 * where it is 0. An operand of step 1 may be the same array as `y`. x^0 = 1^x = 1 even for NaN.
 */
export function pow(a: usize, b: usize, y: usize, n: u32, aStep: u32, bStep: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const base = load<f32>(a + ((i * aStep) << 2));
    const exponent = load<f32>(b + ((i * bStep) << 2));
    store<f32>(y + (i << 2), power(base, exponent));
  }
}

/** a^b, wrapping. A negative b gives the truncated fraction: ±1 for a = ±1, else 0 (also for a = 0). */
function powerInt32(a: i32, b: i32): i32 {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  let result = 1;
  for (let square = a; b > 0; b >>= 1, square *= square) if (b & 1) result *= square;
  return result;
}

/**
 * y[i] = a[i]^b[i], wrapping, for i < n. `y` is i32[n]; `a` and `b` are i32[n] where their step is 1, or one i32 for
 * all elements where it is 0. An operand of step 1 may be the same array as `y`. A negative b gives 0 unless a is ±1.
 */
export function powInt32(a: usize, b: usize, y: usize, n: u32, aStep: u32, bStep: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const base = load<i32>(a + ((i * aStep) << 2));
    const exponent = load<i32>(b + ((i * bStep) << 2));
    store<i32>(y + (i << 2), powerInt32(base, exponent));
  }
}
