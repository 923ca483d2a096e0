import { TOUCHED, touchRows } from "./touch";

/** y[r] = x[indices[r]] for r < rows, rows of `rowBytes` bytes. `indices` is i32[rows], each one a row of `x`; `y` overlaps neither. */
export function gatherRows(x: usize, indices: usize, y: usize, rows: u32, rowBytes: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const to = y + r * rowBytes;
    if (r % TOUCHED == 0 && rowBytes > 0) touchRows(x, indices + 4 * r, min(rows - r, TOUCHED), rowBytes, to);
    memory.copy(to, x + load<u32>(indices + 4 * r) * rowBytes, rowBytes);
  }
}
