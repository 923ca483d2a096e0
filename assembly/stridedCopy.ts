// The last two dimensions make a plane; a plane is copied by the fastest way that its strides allow.
// A caller that merges neighbouring dimensions first (s4 = n5 * s5) gets bigger planes and longer rows.

/** Offset, in elements, of plane `index` (row-major over n1 … n3, n0 is its leading dimension). */
function planeOffset(index: u32, n1: u32, n2: u32, n3: u32, s0: i32, s1: i32, s2: i32, s3: i32): i32 {
  const row = index / n3;
  const block = row / n2;
  const group = block / n1;
  return <i32>group * s0 + <i32>(block - group * n1) * s1 + <i32>(row - block * n2) * s2 + <i32>(index - row * n3) * s3;
}

/** y[j] = x[j * stride] for j < n, 4-byte elements. */
function copyRow(x: usize, y: usize, n: u32, stride: i32): void {
  let j: u32 = 0;
  if (stride == 1) {
    for (; j + 4 <= n; j += 4) v128.store(y + (j << 2), v128.load(x + (j << 2)));
  } else if (stride == 0 && n > 0) {
    const value = v128.load32_splat(x);
    for (; j + 4 <= n; j += 4) v128.store(y + (j << 2), value);
  }
  for (; j < n; j++) store<u32>(y + (j << 2), load<u32>(x + ((<i32>j * stride) << 2)));
}

/** A 4x4 block: y[i * rowSize + j] = x[i + j * stride] for i, j < 4. */
function transposeBlock(x: usize, y: usize, stride: i32, rowSize: u32): void {
  const step: usize = <usize>(stride << 2);
  const a = v128.load(x);
  const b = v128.load(x + step);
  const c = v128.load(x + step * 2);
  const d = v128.load(x + step * 3);
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  const row: usize = rowSize << 2;
  v128.store(y, i64x2.shuffle(abLow, cdLow, 0, 2));
  v128.store(y + row, i64x2.shuffle(abLow, cdLow, 1, 3));
  v128.store(y + row * 2, i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(y + row * 3, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

/** y[i * cols + j] = x[i + j * stride] for i < rows, j < cols, 4-byte elements. */
function transposePlane(x: usize, y: usize, rows: u32, cols: u32, stride: i32): void {
  const wholeRows = rows & ~3;
  const wholeCols = cols & ~3;
  // Bands of 16 columns: the 16 cache lines being read serve four row blocks, and whole lines are written.
  for (let start: u32 = 0; start < wholeCols; start += 16) {
    const end = min(start + 16, wholeCols);
    for (let i: u32 = 0; i < wholeRows; i += 4) {
      for (let j = start; j < end; j += 4) {
        transposeBlock(x + ((<i32>i + <i32>j * stride) << 2), y + ((i * cols + j) << 2), stride, cols);
      }
    }
  }
  for (let i: u32 = 0; i < rows; i++) {
    const j = i < wholeRows ? wholeCols : 0;
    copyRow(x + ((<i32>i + <i32>j * stride) << 2), y + ((i * cols + j) << 2), cols - j, stride);
  }
}

/**
 * y[yStart + i] = x[xStart + i0 * s0 + … + i5 * s5] for i0 < n0, …, i5 < n5, i their row-major index, 4-byte elements.
 * `x` holds whatever the strides reach, in elements: 0 repeats, negative runs backwards. No memory is shared.
 */
export function stridedCopy(
  x: usize, y: usize, xStart: u32, yStart: u32, n0: u32, n1: u32, n2: u32, n3: u32, n4: u32, n5: u32,
  s0: i32, s1: i32, s2: i32, s3: i32, s4: i32, s5: i32,
): void {
  const planes = n0 * n1 * n2 * n3;
  for (let index: u32 = 0; index < planes; index++) {
    const from = x + ((xStart + planeOffset(index, n1, n2, n3, s0, s1, s2, s3)) << 2);
    const to = y + ((yStart + index * n4 * n5) << 2);
    if (s5 == 1 && s4 == <i32>n5) {
      memory.copy(to, from, (n4 * n5) << 2);
    } else if (s5 > 1 && s4 == 1) {
      transposePlane(from, to, n4, n5, s5);
    } else {
      for (let i: u32 = 0; i < n4; i++) copyRow(from + ((<i32>i * s4) << 2), to + ((i * n5) << 2), n5, s5);
    }
  }
}

/** y[j] = x[j * stride] for j < n, 1-byte elements. */
function copyRowBytes(x: usize, y: usize, n: u32, stride: i32): void {
  if (stride == 1) {
    memory.copy(y, x, n);
  } else {
    for (let j: u32 = 0; j < n; j++) store<u8>(y + j, load<u8>(x + <i32>j * stride));
  }
}

/** As `stridedCopy`, for 1-byte elements. */
export function stridedCopyBytes(
  x: usize, y: usize, xStart: u32, yStart: u32, n0: u32, n1: u32, n2: u32, n3: u32, n4: u32, n5: u32,
  s0: i32, s1: i32, s2: i32, s3: i32, s4: i32, s5: i32,
): void {
  const planes = n0 * n1 * n2 * n3;
  for (let index: u32 = 0; index < planes; index++) {
    const from = x + xStart + planeOffset(index, n1, n2, n3, s0, s1, s2, s3);
    const to = y + yStart + index * n4 * n5;
    for (let i: u32 = 0; i < n4; i++) copyRowBytes(from + <i32>i * s4, to + i * n5, n5, s5);
  }
}
