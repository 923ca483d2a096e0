import { product } from "./gemm";

/**
 * y[t][i][j] = sum over l of a[t][i][l] * b[t][l][j] for t < batch, i < m, j < n, l < k. Strides in elements, by batch (0
 * repeats), row and column; y is f32[batch][m][n] contiguous and overlaps neither a nor b.
 */
export function matmul(
  a: usize, b: usize, y: usize, workspace: usize,
  batch: u32, m: u32, n: u32, k: u32,
  aBatch: u32, aRow: u32, aCol: u32, bBatch: u32, bRow: u32, bCol: u32,
): void {
  const yRow = <usize>n << 2;
  for (let t: u32 = 0; t < batch; t++) {
    const at = a + (<usize>t * <usize>aBatch << 2);
    const bt = b + (<usize>t * <usize>bBatch << 2);
    product(
      at, <usize>aRow << 2, <usize>aCol << 2, bt, <usize>bRow << 2, <usize>bCol << 2, y + <usize>t * <usize>m * yRow, yRow,
      m, n, k, workspace,
    );
  }
}
