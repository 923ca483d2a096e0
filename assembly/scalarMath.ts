// Float64 functions for the host. JavaScript's own differ in the last bit between engines; these are AssemblyScript's
// ports of musl, so one module gives one answer everywhere.

/** ln(1 + x). */
export function scalarLog1p(x: f64): f64 {
  return Math.log1p(x);
}

/** sin(x), x in radians. */
export function scalarSin(x: f64): f64 {
  return Math.sin(x);
}

/** cos(x), x in radians. */
export function scalarCos(x: f64): f64 {
  return Math.cos(x);
}

/** e^x. */
export function scalarExp(x: f64): f64 {
  return Math.exp(x);
}

/** ln(x). */
export function scalarLog(x: f64): f64 {
  return Math.log(x);
}

/** x^y. */
export function scalarPow(x: f64, y: f64): f64 {
  return Math.pow(x, y);
}
