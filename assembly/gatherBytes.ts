import { bytesToFloat } from "./idx";

/**
 * y[r][c] = x[indices[r]][c] / 255 for r < rows, c < rowBytes, correctly rounded. `x` is u8[*, rowBytes], `indices` is
 * i32[rows], each one a row of `x`; `y` is f32[rows, rowBytes] and overlaps neither.
 */
export function gatherBytes(x: usize, indices: usize, y: usize, rows: u32, rowBytes: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const row = load<u32>(indices + 4 * r);
    bytesToFloat(x + row * rowBytes, y + 4 * r * rowBytes, rowBytes);
  }
}
