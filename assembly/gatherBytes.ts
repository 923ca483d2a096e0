import { bytesToFloat } from "./idx";
import { TOUCHED, touchRows } from "./touch";

/**
 * y[r][c] = x[indices[r]][c] / 255 for r < rows, c < rowBytes, correctly rounded. `x` is u8[*, rowBytes], `indices` is
 * i32[rows], each one a row of `x`; `y` is f32[rows, rowBytes] and overlaps neither.
 */
export function gatherBytes(x: usize, indices: usize, y: usize, rows: u32, rowBytes: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const to = y + 4 * r * rowBytes;
    if (r % TOUCHED == 0 && rowBytes > 0) touchRows(x, indices + 4 * r, min(rows - r, TOUCHED), rowBytes, to);
    bytesToFloat(x + load<u32>(indices + 4 * r) * rowBytes, to, rowBytes);
  }
}
