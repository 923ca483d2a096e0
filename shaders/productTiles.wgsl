// The product that linear, linearGradient and matmul share, through workgroup memory: c[t][i][j] = sum over k of left[t][i][k] *
// right[t][k][j] for t < batch, i < m, j < n, k < depth. A workgroup computes tiles of 32 x 32, an invocation 4 x 4 elements of
// each; 32 steps of both operands at a time lie in workgroup memory, so that hardware reads each of them once per tile.
// Sums go in panels of 256 steps, each from zero, in the order of assembly/gemm.ts; productRegisters.wgsl has the same order.
// Includers define leftAt, leftStep and left, rightAt, rightStep and right, and store4.

const PANEL: u32 = 256u;
const TILE: u32 = 32u;

// [k][row] and [k][column].
var<workgroup> leftTile: array<f32, 1024>;
var<workgroup> rightTile: array<f32, 1024>;

fn products(batch: u32, m: u32, n: u32, depth: u32, group: u32, groups: u32, lane: u32) {
  let across = (n + TILE - 1u) / TILE;
  let each = (m + TILE - 1u) / TILE * across;
  for (var tile = group; tile < batch * each; tile += groups) {
    let rest = tile % each;
    tile32x32(tile / each, rest / across * TILE, rest % across * TILE, m, n, depth, lane);
  }
}

// c[t][i..i + 32)[j..j + 32); this invocation's block begins 4 (lane / 8) rows and 4 (lane % 8) columns further.
fn tile32x32(t: u32, i: u32, j: u32, m: u32, n: u32, depth: u32, lane: u32) {
  let row = lane / 8u * 4u;
  let column = lane % 8u * 4u;
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  for (var start = 0u; start < depth; start += PANEL) {
    var s0 = vec4f();
    var s1 = vec4f();
    var s2 = vec4f();
    var s3 = vec4f();
    for (var k = start; k < min(start + PANEL, depth); k += TILE) {
      workgroupBarrier();
      loadTiles(t, i, j, k, m, n, depth, lane);
      workgroupBarrier();
      for (var step = 0u; step < TILE; step++) {
        let a = step * TILE + row;
        let b = step * TILE + column;
        let x = vec4f(rightTile[b], rightTile[b + 1u], rightTile[b + 2u], rightTile[b + 3u]);
        s0 += leftTile[a] * x;
        s1 += leftTile[a + 1u] * x;
        s2 += leftTile[a + 2u] * x;
        s3 += leftTile[a + 3u] * x;
      }
    }
    c0 += s0;
    c1 += s1;
    c2 += s2;
    c3 += s3;
  }
  if (j + column >= n) {
    return;
  }
  if (i + row < m) {
    store4(t, i + row, j + column, c0);
  }
  if (i + row + 1u < m) {
    store4(t, i + row + 1u, j + column, c1);
  }
  if (i + row + 2u < m) {
    store4(t, i + row + 2u, j + column, c2);
  }
  if (i + row + 3u < m) {
    store4(t, i + row + 3u, j + column, c3);
  }
}

// Fills both tiles, zeros past the ends. Neighbouring invocations read neighbouring elements, along whichever side is contiguous.
fn loadTiles(t: u32, i: u32, j: u32, k: u32, m: u32, n: u32, depth: u32, lane: u32) {
  for (var at = lane; at < TILE * TILE; at += 64u) {
    let along = at % TILE;
    let other = at / TILE;
    let leftAlongK = leftStep() == 1u;
    let row = select(along, other, leftAlongK);
    let leftK = select(other, along, leftAlongK);
    var a = 0.0;
    if (i + row < m && k + leftK < depth) {
      a = left(leftAt(t, i + row) + (k + leftK) * leftStep());
    }
    leftTile[leftK * TILE + row] = a;
    let rightAlongK = rightStep() == 1u;
    let column = select(along, other, rightAlongK);
    let rightK = select(other, along, rightAlongK);
    var b = 0.0;
    if (j + column < n && k + rightK < depth) {
      b = right(rightAt(t, j + column) + (k + rightK) * rightStep());
    }
    rightTile[rightK * TILE + column] = b;
  }
}
