// Lists of the elements that are not zero, one for each row of A in a product A x B. A list is a run of (k * 64, value)
// pairs in ascending k: 64 bytes is a row of a packed panel of B, so a pair leads straight to what it is multiplied with.
// `lists` starts with a table of (first pair, end) addresses, 8 bytes a row, then come the pairs.

/** Elements of A that are not zero (NaN counts, -0 does not), for m rows of `depth` contiguous floats, `aRow` bytes apart. */
export function countNonZero(a: usize, aRow: usize, m: u32, depth: u32): u32 {
  const zero = f32x4.splat(0);
  let lanes = i32x4.splat(0);
  let rest: u32 = 0;
  for (let i: u32 = 0; i < m; i++, a += aRow) {
    let at = a;
    for (const end = a + (<usize>(depth & ~3) << 2); at < end; at += 16)
      lanes = i32x4.sub(lanes, f32x4.ne(v128.load(at), zero));
    for (let k = depth & ~3; k < depth; k++, at += 4) rest += <u32>(load<f32>(at) != 0);
  }
  const pairs = i32x4.add(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return rest + i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** For each set of lanes how the bytes of a vector move for those lanes to come first: 16 bytes a set. */
const PATTERNS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0,
  8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0,
  12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 0, 0, 0, 0,
  8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);

/** Lists of m rows of `depth` contiguous floats, `aRow` bytes apart; up to 32 bytes after the last pair are overwritten. */
export function listRows(a: usize, aRow: usize, m: u32, depth: u32, lists: usize): void {
  listOn(a, aRow, m, depth, lists, lists + (<usize>m << 3));
}

/** The same for a table that lies at `table` and pairs from `end` on; where the next pair would come. */
function listOn(a: usize, aRow: usize, m: u32, depth: u32, table: usize, end: usize): usize {
  const zero = f32x4.splat(0);
  for (let i: u32 = 0; i < m; i++, a += aRow, table += 8) {
    store<u32>(table, <u32>end);
    let steps = i32x4(0, 64, 128, 192);
    let k: u32 = 0;
    for (; k + 4 <= depth; k += 4) {
      const values = v128.load(a + (<usize>k << 2));
      const kept = i32x4.bitmask(f32x4.ne(values, zero));
      // Without a branch: which elements are zero cannot be foretold.
      const pattern = v128.load(PATTERNS + (<usize>kept << 4));
      const first = i8x16.swizzle(steps, pattern);
      const second = i8x16.swizzle(values, pattern);
      v128.store(end, v128.shuffle<i32>(first, second, 0, 4, 1, 5));
      v128.store(end, v128.shuffle<i32>(first, second, 2, 6, 3, 7), 16);
      end += <usize>popcnt(kept) << 3;
      steps = i32x4.add(steps, i32x4.splat(256));
    }
    for (; k < depth; k++) {
      const value = load<f32>(a + (<usize>k << 2));
      store<u32>(end, k << 6);
      store<f32>(end, value, 4);
      end += <usize>(value != 0) << 3;
    }
    store<u32>(table, <u32>end, 4);
  }
  return end;
}

/** Columns that are turned into rows at once: a cache line of them. */
const TURNED: u32 = 16;

/**
 * Lists of m rows of A that lie as columns: a[k][i] is the float at a + k * aCol + i * 4. `aside` has room for 16 rows of `depth`
 * floats and 12 bytes more.
 */
export function listColumns(a: usize, aCol: usize, m: u32, depth: u32, lists: usize, aside: usize): void {
  const rowBytes = <usize>depth << 2;
  let end = lists + (<usize>m << 3);
  for (let i: u32 = 0; i < m; i += TURNED) {
    const rows = min(m - i, TURNED);
    turn(a + (<usize>i << 2), aCol, rows, depth, aside, rowBytes);
    end = listOn(aside, rowBytes, rows, depth, lists + (<usize>i << 3), end);
  }
}

/** y[i][k] = a[k][i] for i < m, k < depth; rows of a lie `aCol` bytes apart, those of y `yRow`. */
export function turn(a: usize, aCol: usize, m: u32, depth: u32, y: usize, yRow: usize): void {
  for (let k: u32 = 0; k < depth; k += 4, a += aCol << 2, y += 16) {
    let i: u32 = 0;
    if (k + 4 <= depth)
      for (; i + 4 <= m; i += 4) {
        const from = a + (<usize>i << 2);
        const r0 = v128.load(from);
        const r1 = v128.load(from + aCol);
        const r2 = v128.load(from + (aCol << 1));
        const r3 = v128.load(from + aCol * 3);
        const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
        const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
        const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
        const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
        const to = y + <usize>i * yRow;
        v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
        v128.store(to + yRow, v128.shuffle<i64>(low01, low23, 1, 3));
        v128.store(to + (yRow << 1), v128.shuffle<i64>(high01, high23, 0, 2));
        v128.store(to + yRow * 3, v128.shuffle<i64>(high01, high23, 1, 3));
      }
    for (const steps = min(depth - k, 4); i < m; i++)
      for (let s: u32 = 0; s < steps; s++)
        store<f32>(y + <usize>i * yRow + (<usize>s << 2), load<f32>(a + <usize>s * aCol + (<usize>i << 2)));
  }
}

/** c[i][0..16) (+)= the listed elements of row i x panel, for i < m; `more` adds to what c holds. */
export function sparsePanel(lists: usize, m: u32, panel: usize, c: usize, cRow: usize, more: bool): void {
  for (let i: u32 = 0; i < m; i++, c += cRow, lists += 8) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    const end = <usize>load<u32>(lists, 4);
    for (let p = <usize>load<u32>(lists); p < end; p += 8) {
      const q = panel + <usize>load<u32>(p);
      const value = v128.load_splat<f32>(p, 4);
      s0 = f32x4.add(f32x4.mul(value, v128.load(q, 0)), s0);
      s1 = f32x4.add(f32x4.mul(value, v128.load(q, 16)), s1);
      s2 = f32x4.add(f32x4.mul(value, v128.load(q, 32)), s2);
      s3 = f32x4.add(f32x4.mul(value, v128.load(q, 48)), s3);
    }
    if (more) {
      s0 = f32x4.add(v128.load(c, 0), s0); s1 = f32x4.add(v128.load(c, 16), s1);
      s2 = f32x4.add(v128.load(c, 32), s2); s3 = f32x4.add(v128.load(c, 48), s3);
    }
    v128.store(c, s0, 0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
  }
}
