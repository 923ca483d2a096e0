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

/** Appends one pair where `value` is not zero; the store always happens, the end moves only then. */
@inline
function append(end: usize, k: u32, value: f32, kept: i32): usize {
  store<u32>(end, k << 6);
  store<f32>(end, value, 4);
  return end + (<usize>kept << 3);
}

/** Lists of m rows of `depth` contiguous floats, `aRow` bytes apart. */
export function listRows(a: usize, aRow: usize, m: u32, depth: u32, lists: usize): void {
  const zero = f32x4.splat(0);
  let end = lists + (<usize>m << 3);
  for (let i: u32 = 0; i < m; i++, a += aRow) {
    store<u32>(lists + (<usize>i << 3), <u32>end);
    let at = a;
    let k: u32 = 0;
    for (; k + 4 <= depth; k += 4, at += 16) {
      const values = v128.load(at);
      const kept = i32x4.bitmask(f32x4.ne(values, zero));
      if (kept == 0) continue;
      end = append(end, k, f32x4.extract_lane(values, 0), kept & 1);
      end = append(end, k + 1, f32x4.extract_lane(values, 1), (kept >> 1) & 1);
      end = append(end, k + 2, f32x4.extract_lane(values, 2), (kept >> 2) & 1);
      end = append(end, k + 3, f32x4.extract_lane(values, 3), kept >> 3);
    }
    for (; k < depth; k++, at += 4) end = append(end, k, load<f32>(at), <i32>(load<f32>(at) != 0));
    store<u32>(lists + (<usize>i << 3), <u32>end, 4);
  }
}

/**
 * Lists of m rows of A that lie as columns: a[k][i] is the float at a + k * aCol + i * 4. First every list is measured, then
 * filled, so that they follow each other without gaps.
 */
export function listColumns(a: usize, aCol: usize, m: u32, depth: u32, lists: usize): void {
  const zero = f32x4.splat(0);
  const table = lists;
  memory.fill(table, 0, <usize>m << 3);
  for (let k: u32 = 0; k < depth; k++) {
    const row = a + <usize>k * aCol;
    for (let i: u32 = 0; i < m; i++)
      store<u32>(table + (<usize>i << 3), load<u32>(table + (<usize>i << 3), 4) + <u32>(load<f32>(row + (<usize>i << 2)) != 0), 4);
  }
  let end = <u32>(table + (<usize>m << 3));
  for (let i: u32 = 0; i < m; i++) {
    const entry = table + (<usize>i << 3);
    const count = load<u32>(entry, 4);
    store<u32>(entry, end);
    store<u32>(entry, end, 4);
    end += count << 3;
  }
  for (let k: u32 = 0; k < depth; k++) {
    const row = a + <usize>k * aCol;
    let i: u32 = 0;
    for (; i + 4 <= m; i += 4) {
      const at = row + (<usize>i << 2);
      let kept = i32x4.bitmask(f32x4.ne(v128.load(at), zero));
      for (; kept != 0; kept &= kept - 1) put(table, i + ctz(kept), k, load<f32>(at + (<usize>ctz(kept) << 2)));
    }
    for (; i < m; i++) {
      const value = load<f32>(row + (<usize>i << 2));
      if (value != 0) put(table, i, k, value);
    }
  }
}

@inline
function put(table: usize, i: u32, k: u32, value: f32): void {
  const entry = table + (<usize>i << 3);
  const end = load<u32>(entry, 4);
  store<u32>(end, k << 6);
  store<f32>(end, value, 4);
  store<u32>(entry, end + 8, 4);
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
