/**
 * Float64 functions with one answer in every JavaScript engine. The host's `Math.log1p`, `sin`, `cos` differ in the last
 * bit between engines, so whatever reaches a tensor takes these from the AssemblyScript module.
 */
export interface ScalarMath {
  log1p(x: number): number;
  sin(x: number): number;
  cos(x: number): number;
  exp(x: number): number;
  log(x: number): number;
  pow(x: number, y: number): number;
}
