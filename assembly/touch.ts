/** Rows that are touched before the first of them is used: their lines fit the first-level cache beside the output. */
export const TOUCHED: u32 = 32;

/**
 * Reads a byte of every cache line of rows x[indices[r]], r < rows, of `rowBytes` bytes, and leaves their sum at `out`. Rows at
 * random lie in no cache: one after the other each would be waited for, here many are under way at once.
 */
export function touchRows(x: usize, indices: usize, rows: u32, rowBytes: u32, out: usize): void {
  let sum: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const row = x + load<u32>(indices + 4 * r) * rowBytes;
    for (let at: u32 = 0; at < rowBytes; at += 64) sum += load<u8>(row + at);
  }
  store<u8>(out, sum); // so that no compiler leaves the reads out
}
