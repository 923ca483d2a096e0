import { sumQuotient } from "./sum";

/**
 * y[o, i] = Σ_k x[o, k, i] / n for o < outer, k < n, i < inner. `x` is f32[outer * n * inner], `y` is
 * f32[outer * inner]; they must not overlap. Summed and divided in f64, rounded once; NaN where n is 0.
 */
export function mean(x: usize, y: usize, outer: u32, n: u32, inner: u32): void {
  sumQuotient(x, y, outer, n, inner, <f64>n);
}
