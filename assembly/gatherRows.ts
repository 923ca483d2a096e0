/** y[r] = x[indices[r]] for r < rows, rows of `rowBytes` bytes. `indices` is i32[rows], each one a row of `x`; `y` overlaps neither. */
export function gatherRows(x: usize, indices: usize, y: usize, rows: u32, rowBytes: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    const row = load<u32>(indices + 4 * r);
    memory.copy(y + r * rowBytes, x + row * rowBytes, rowBytes);
  }
}
