// The product all dense kernels share. C = A x B by panels of 16 columns of B, packed contiguous in the workspace: any
// strides of A and B cost the same, nothing needs padding, and every element of C is summed over k in one order.
// Where A is mostly zeros (ReLU, Dropout, images) only the others are multiplied: the same sums in the same order, so the
// same bits. A zero times infinity is NaN, so a panel of B that is not finite is multiplied in full. Where B has more zeros the
// product is turned over, Cᵀ = Bᵀ x Aᵀ: the same products in the same order again.
// A 2 x 16 block of C in registers: 8 sums + 4 of B + 2 of A are all that V8 keeps without spilling; unrolling k loses 35 %.

import { countNonZero, listColumns, listRows, sparsePanel, turn } from "./sparse";

/** Columns of one panel. */
const PANEL: u32 = 16;
/**
 * Steps of k in one packed panel. Each panel is summed from zero and added to what came before: sums of sums lose fewer
 * digits than one long chain, and 16 KiB stay in the first-level cache (256 beat 64, 128 and 1024 on an AMD EPYC).
 */
const DEPTH: u32 = 256;
/** Workspace after the panel: one 2 x 16 block for columns that do not fill a panel, what epilogues need, then lists. */
const BLOCK_AT: usize = 16384;
export const SCRATCH_AT: usize = BLOCK_AT + 128;
const LISTS_AT: usize = BLOCK_AT + 1024;
/** Rows that come in one turn, so that there is room for their lists, and after it for 16 columns of C that are turned over. */
const ROWS: u32 = 256;
const LISTS_BYTES: usize = ROWS * (DEPTH + 1) * 8 + 64;
const TURNED_AT: usize = LISTS_AT + LISTS_BYTES;

/** panel[k][j] = b[k * bRow + j * bCol] for k < depth, j < cols, else 0. Strides in bytes. True if all are finite. */
function pack(b: usize, bRow: usize, bCol: usize, depth: u32, cols: u32, panel: usize): bool {
  if (cols == PANEL && bCol == 4) return packRows(b, bRow, depth, panel);
  if (cols == PANEL && bRow == 4) return packColumns(b, bCol, depth, panel);
  for (let k: u32 = 0; k < depth; k++) {
    const to = panel + (<usize>k << 6);
    const from = b + <usize>k * bRow;
    for (let j: u32 = 0; j < PANEL; j++)
      store<f32>(to + (<usize>j << 2), j < cols ? load<f32>(from + <usize>j * bCol) : 0);
  }
  return false; // only full panels skip zeros, so nobody asks
}

/** True if no lane of `sum`, to which x - x was added for every x, has become NaN. */
function isFinite(sum: v128): bool {
  return v128.any_true(f32x4.ne(sum, sum)) == false;
}

/** Rows of B lie contiguous: 64 bytes at a time. */
function packRows(b: usize, bRow: usize, depth: u32, panel: usize): bool {
  const end = panel + (<usize>depth << 6);
  let sum = f32x4.splat(0);
  for (let to = panel; to < end; to += 64, b += bRow) {
    const b0 = v128.load(b, 0);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    sum = f32x4.add(sum, f32x4.add(f32x4.sub(b0, b0), f32x4.sub(b1, b1)));
    sum = f32x4.add(sum, f32x4.add(f32x4.sub(b2, b2), f32x4.sub(b3, b3)));
    v128.store(to, b0, 0);
    v128.store(to, b1, 16);
    v128.store(to, b2, 32);
    v128.store(to, b3, 48);
  }
  return isFinite(sum);
}

/** Columns of B lie contiguous: 4 x 4 blocks turned over. */
function packColumns(b: usize, bCol: usize, depth: u32, panel: usize): bool {
  let sum = f32x4.splat(0);
  for (let j: u32 = 0; j < PANEL; j += 4) {
    const c0 = b + <usize>j * bCol;
    const c1 = c0 + bCol;
    const c2 = c1 + bCol;
    const c3 = c2 + bCol;
    let to = panel + (<usize>j << 2);
    let k: u32 = 0;
    for (; k + 4 <= depth; k += 4, to += 256) {
      const at = <usize>k << 2;
      const r0 = v128.load(c0 + at);
      const r1 = v128.load(c1 + at);
      const r2 = v128.load(c2 + at);
      const r3 = v128.load(c3 + at);
      sum = f32x4.add(sum, f32x4.add(f32x4.sub(r0, r0), f32x4.sub(r1, r1)));
      sum = f32x4.add(sum, f32x4.add(f32x4.sub(r2, r2), f32x4.sub(r3, r3)));
      const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2), 0);
      v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 64);
      v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 128);
      v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 192);
    }
    for (; k < depth; k++, to += 64) {
      const at = <usize>k << 2;
      store<f32>(to, load<f32>(c0 + at), 0);
      store<f32>(to, load<f32>(c1 + at), 4);
      store<f32>(to, load<f32>(c2 + at), 8);
      store<f32>(to, load<f32>(c3 + at), 12);
      const rest = v128.load(to);
      sum = f32x4.add(sum, f32x4.sub(rest, rest));
    }
  }
  return isFinite(sum);
}

/**
 * c[0..2)[0..16) (+)= a x panel over `depth` steps; `more` adds them to what c holds. a's rows lie `aRow` bytes apart, its steps
 * `aCol`; c's rows `cRow`.
 */
function block2(a: usize, aRow: usize, aCol: usize, panel: usize, depth: u32, c: usize, cRow: usize, more: bool): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
  let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  const end = panel + (<usize>depth << 6);
  for (let q = panel; q < end; q += 64) {
    const b0 = v128.load(q, 0);
    const b1 = v128.load(q, 16);
    const b2 = v128.load(q, 32);
    const b3 = v128.load(q, 48);
    const a0 = v128.load_splat<f32>(a);
    const a1 = v128.load_splat<f32>(a + aRow);
    a += aCol;
    s00 = f32x4.add(f32x4.mul(a0, b0), s00);
    s01 = f32x4.add(f32x4.mul(a0, b1), s01);
    s02 = f32x4.add(f32x4.mul(a0, b2), s02);
    s03 = f32x4.add(f32x4.mul(a0, b3), s03);
    s10 = f32x4.add(f32x4.mul(a1, b0), s10);
    s11 = f32x4.add(f32x4.mul(a1, b1), s11);
    s12 = f32x4.add(f32x4.mul(a1, b2), s12);
    s13 = f32x4.add(f32x4.mul(a1, b3), s13);
  }
  const c1 = c + cRow;
  if (more) {
    s00 = f32x4.add(v128.load(c, 0), s00); s01 = f32x4.add(v128.load(c, 16), s01);
    s02 = f32x4.add(v128.load(c, 32), s02); s03 = f32x4.add(v128.load(c, 48), s03);
    s10 = f32x4.add(v128.load(c1, 0), s10); s11 = f32x4.add(v128.load(c1, 16), s11);
    s12 = f32x4.add(v128.load(c1, 32), s12); s13 = f32x4.add(v128.load(c1, 48), s13);
  }
  v128.store(c, s00, 0); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
  v128.store(c1, s10, 0); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
}

/** The same for a single row. */
function block1(a: usize, aCol: usize, panel: usize, depth: u32, c: usize, more: bool): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const end = panel + (<usize>depth << 6);
  for (let q = panel; q < end; q += 64, a += aCol) {
    const a0 = v128.load_splat<f32>(a);
    s0 = f32x4.add(f32x4.mul(a0, v128.load(q, 0)), s0);
    s1 = f32x4.add(f32x4.mul(a0, v128.load(q, 16)), s1);
    s2 = f32x4.add(f32x4.mul(a0, v128.load(q, 32)), s2);
    s3 = f32x4.add(f32x4.mul(a0, v128.load(q, 48)), s3);
  }
  if (more) {
    s0 = f32x4.add(v128.load(c, 0), s0); s1 = f32x4.add(v128.load(c, 16), s1);
    s2 = f32x4.add(v128.load(c, 32), s2); s3 = f32x4.add(v128.load(c, 48), s3);
  }
  v128.store(c, s0, 0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
}

/** Rows of c with fewer than 16 columns are computed in a 2 x 16 block aside. */
function narrowPanel(
  a: usize, aRow: usize, aCol: usize, panel: usize, depth: u32, c: usize, cRow: usize, m: u32, cols: u32, aside: usize, more: bool,
): void {
  const bytes = <usize>cols << 2;
  for (let i: u32 = 0; i < m; i += 2, a += aRow << 1, c += cRow << 1) {
    const pair = i + 1 < m;
    if (more) {
      memory.copy(aside, c, bytes);
      if (pair) memory.copy(aside + 64, c + cRow, bytes);
    }
    if (pair) block2(a, aRow, aCol, panel, depth, aside, 64, more);
    else block1(a, aCol, panel, depth, aside, more);
    memory.copy(c, aside, bytes);
    if (pair) memory.copy(c + cRow, aside + 64, bytes);
  }
}

function densePanel(a: usize, aRow: usize, aCol: usize, panel: usize, depth: u32, c: usize, cRow: usize, m: u32, more: bool): void {
  let i: u32 = 0;
  for (; i + 2 <= m; i += 2, a += aRow << 1, c += cRow << 1) block2(a, aRow, aCol, panel, depth, c, cRow, more);
  if (i < m) block1(a, aCol, panel, depth, c, more);
}

/** Of so many rows one is counted: the choice is about speed, and counting must not cost any. */
const SAMPLE: u32 = 16;
/** To choose costs products of fewer of A's elements times panels more than they can gain. */
const SMALL: u32 = 32;
/** With fewer rows, columns or steps A and B are not compared. */
const LEAST: u32 = 32;

/**
 * How many in 64 more of A's elements may be other than zero before lists of them take as long as all of them, by n columns of B:
 * above 0 if lists are faster, and 0 where A lies so that it cannot be listed.
 */
function gainOf(a: usize, aRow: usize, aCol: usize, m: u32, n: u32, depth: u32): i32 {
  const rows = aCol == 4;
  if (m * depth * (n / PANEL) < SMALL || (!rows && aRow != 4)) return 0;
  const most = mostListed(rows, n & -PANEL, depth);
  const sampled = ((rows ? m : depth) + SAMPLE - 1) / SAMPLE;
  const length = rows ? depth : m;
  return most - <i32>((countNonZero(a, (rows ? aRow : aCol) * SAMPLE, sampled, length) << 6) / (sampled * length));
}

/** How many in 64 elements cost as much in lists, as n columns of full panels take them, as all 64: measured on an Intel Xeon. */
function mostListed(rows: bool, n: i32, depth: i32): i32 {
  // An element in a list takes 64 / 60 of the time, and less with few steps, as blocks of C are hardly begun when they end; but the
  // end of less than 15 steps is foreseen by the processor, and that of lists never.
  const most = depth < 15 ? 56 + 40 / depth : 60 + 96 / depth;
  // To list each of all elements takes the time of 7 columns, or 9 where they are turned first, and to begin and end a row that of
  // 24 or 48, with half as much again for each of the last steps, which do not fill a vector.
  const ends = (1536 + 768 * (depth & 3)) / depth;
  return most - (rows ? 448 + ends : 576 + 2 * ends) / n;
}

/** Lists A's elements that are not zero if multiplying only these by n columns of B is faster; true if it did. */
function listIfSparse(a: usize, aRow: usize, aCol: usize, m: u32, n: u32, depth: u32, workspace: usize): bool {
  // Lists have turned columns whose steps are a page apart into rows.
  const pages: i32 = aCol < 4096 ? 0 : depth >> 5;
  if (gainOf(a, aRow, aCol, m, n, depth) + pages <= 0) return false;
  const lists = workspace + LISTS_AT;
  if (aCol == 4) listRows(a, aRow, m, depth, lists);
  else listColumns(a, aCol, m, depth, lists, workspace); // where panels will be packed
  return true;
}

/** What is gained by A's zeros, less what n's last panel has columns too many, a tenth more for its copies: in 64 of all. */
function scoreOf(a: usize, aRow: usize, aCol: usize, m: u32, n: u32, depth: u32): i32 {
  return max<i32>(gainOf(a, aRow, aCol, m, n, depth), 0) - <i32>(((-n & (PANEL - 1)) * 70) / n);
}

/** Whether more is gained from the zeros in B's columns than from those in A's rows, though C is turned over: two steps' time. */
function isFasterTurned(
  a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, m: u32, n: u32, depth: u32,
): bool {
  if (min(min(m, n), depth) < LEAST) return false;
  return scoreOf(b, bCol, bRow, n, m, depth) - <i32>(128 / depth) > scoreOf(a, aRow, aCol, m, n, depth);
}

/**
 * c[i][j] = sum over k of a[i][k] * b[k][j] for i < m, j < n, k < depth. Strides in bytes: a's by row and column, b's by row
 * and column, c's by row (its columns lie contiguous). c overlaps neither a nor b.
 */
export function product(
  a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: u32, n: u32, depth: u32, workspace: usize,
): void {
  if (isFasterTurned(a, aRow, aCol, b, bRow, bCol, m, n, depth))
    multiply(b, bCol, bRow, a, aCol, aRow, c, cRow, n, m, depth, workspace, true);
  else multiply(a, aRow, aCol, b, bRow, bCol, c, cRow, m, n, depth, workspace, false);
}

/** The same by A's rows as they are; where `turned`, c[j][i] takes the place of c[i][j]. */
function multiply(
  a: usize, aRow: usize, aCol: usize, b: usize, bRow: usize, bCol: usize, c: usize, cRow: usize,
  m: u32, n: u32, depth: u32, workspace: usize, turned: bool,
): void {
  let k: u32 = 0;
  do {
    const steps = min(depth - k, DEPTH);
    for (let i: u32 = 0; i < m; i += ROWS) {
      const rows = min(m - i, ROWS);
      const ai = a + <usize>i * aRow + <usize>k * aCol;
      // Only full panels skip zeros.
      const sparse = n >= PANEL && listIfSparse(ai, aRow, aCol, rows, n, steps, workspace);
      for (let j: u32 = 0; j < n; j += PANEL) {
        const cols = min(n - j, PANEL);
        const cj = turned ? c + <usize>j * cRow + (<usize>i << 2) : c + <usize>i * cRow + (<usize>j << 2);
        const to = turned ? workspace + TURNED_AT : cj;
        const toRow = turned ? <usize>64 : cRow;
        if (turned && k > 0) turn(cj, cRow, rows, cols, to, 64);
        const finite = pack(b + <usize>k * bRow + <usize>j * bCol, bRow, bCol, steps, cols, workspace);
        if (cols < PANEL) narrowPanel(ai, aRow, aCol, workspace, steps, to, toRow, rows, cols, workspace + BLOCK_AT, k > 0);
        else if (sparse && finite) sparsePanel(workspace + LISTS_AT, rows, workspace, to, toRow, k > 0);
        else densePanel(ai, aRow, aCol, workspace, steps, to, toRow, rows, k > 0);
        // Four rows at a time: if C's rows lie pages apart, more of their lines do not fit into the first-level cache.
        if (turned) for (let t: u32 = 0; t < cols; t += 4) turn(to + (t << 2), 64, min(cols - t, 4), rows, cj + <usize>t * cRow, cRow);
      }
    }
    k += steps;
  } while (k < depth);
}
