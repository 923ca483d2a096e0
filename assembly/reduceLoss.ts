import { sumRow } from "./sum";

/**
 * out[0] = mean ? Σ loss / Σ picked : Σ loss and out[1] = mean ? 1 / Σ picked : 1, the factor of every row's gradient.
 * `loss` and `picked` are f32[n], `out` is f32[2] and overlaps neither. Summed in f64 in one order, rounded once; with
 * nothing picked the mean is NaN. `picked` is not read unless `mean` is 1.
 */
export function reduceLoss(loss: usize, picked: usize, out: usize, n: u32, mean: u32): void {
  const total = sumRow(loss, n);
  const count = mean ? sumRow(picked, n) : 1;
  store<f32>(out, <f32>(total / count));
  store<f32>(out, <f32>(1 / count), 4);
}
