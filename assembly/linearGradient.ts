import { product } from "./gemm";
import { sumQuotient } from "./sum";

/**
 * dw[o][i] = sum over r of dz[r][o] * x[r][i] and db[o] = sum over r of dz[r][o] for o < outs, i < ins, r < rows. dz is
 * f32[rows][outs], x f32[rows][ins], dw f32[outs][ins], db f32[outs]; dw and db overlap nothing. db is summed in f64 and rounded
 * once.
 */
export function linearGradient(
  dz: usize, x: usize, dw: usize, db: usize, workspace: usize,
  rows: u32, ins: u32, outs: u32,
): void {
  const insBytes = <usize>ins << 2;
  const outsBytes = <usize>outs << 2;
  product(dz, 4, outsBytes, x, insBytes, 4, dw, insBytes, outs, ins, rows, workspace);
  sumQuotient(dz, db, 1, rows, outs, 1);
}
