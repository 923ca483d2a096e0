import { product } from "./gemm";
import { sumColumns, sumQuotient } from "./sum";

/**
 * dw[o][i] = sum over r of dz[r][o] * x[r][i] and db[o] = sum over r of dz[r][o] for o < outs, i < ins, r < rows. dz is
 * f32[rows][outs], x f32[rows][ins], dw f32[outs][ins], db f32[outs]; dw and db overlap nothing. db is summed in f64 and rounded
 * once.
 */
export function linearGradient(
  dz: usize, x: usize, dw: usize, db: usize, workspace: usize,
  rows: u32, ins: u32, outs: u32,
): void {
  linearGradientOf(dz, x, dw, db, workspace, rows, ins, outs, outs);
}

/** The same for `outs` columns of dz, whose rows lie `dzRow` elements apart; `dz` is at the first of them. */
export function linearGradientOf(
  dz: usize, x: usize, dw: usize, db: usize, workspace: usize,
  rows: u32, ins: u32, outs: u32, dzRow: u32,
): void {
  const insBytes = <usize>ins << 2;
  const dzBytes = <usize>dzRow << 2;
  product(dz, 4, dzBytes, x, insBytes, 4, dw, insBytes, outs, ins, rows, workspace);
  if (dzRow == 1) sumQuotient(dz, db, 1, rows, 1, 1);
  else sumColumns(dz, db, rows, outs, dzBytes, 1);
}
