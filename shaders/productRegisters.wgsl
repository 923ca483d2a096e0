// The product that linear, linearGradient and matmul share, in registers: c[t][i][j] = sum over k of left[t][i][k] *
// right[t][k][j] for t < batch, i < m, j < n, k < depth. One invocation computes 8 x 8 elements of c with neither workgroup memory
// nor barriers: 16 loads for 64 products. Software adapters like it best: 3.8 GFLOP/s on SwiftShader, where 4 x 4 blocks of
// vec4 loads reach 2.9 and tiles in workgroup memory 0.8 (two cores of an AMD EPYC, Chromium 156).
// Sums go in panels of 256 steps, each from zero, in the order of assembly/gemm.ts; productTiles.wgsl has the same order.
// Includers define leftAt, leftStep and left, rightAt, rightStep and right, and store4.

const PANEL: u32 = 256u;

fn products(batch: u32, m: u32, n: u32, depth: u32, group: u32, groups: u32, lane: u32) {
  let across = (n + 7u) / 8u;
  let each = (m + 7u) / 8u * across;
  for (var block = group * 64u + lane; block < batch * each; block += groups * 64u) {
    let rest = block % each;
    block8x8(block / each, rest / across * 8u, rest % across * 8u, m, n, depth);
  }
}

// c[t][i..i + 8)[j..j + 8). Rows and columns past the end are computed from the last one and not stored.
fn block8x8(t: u32, i: u32, j: u32, m: u32, n: u32, depth: u32) {
  let l0 = leftAt(t, min(i + 0u, m - 1u));
  let l1 = leftAt(t, min(i + 1u, m - 1u));
  let l2 = leftAt(t, min(i + 2u, m - 1u));
  let l3 = leftAt(t, min(i + 3u, m - 1u));
  let l4 = leftAt(t, min(i + 4u, m - 1u));
  let l5 = leftAt(t, min(i + 5u, m - 1u));
  let l6 = leftAt(t, min(i + 6u, m - 1u));
  let l7 = leftAt(t, min(i + 7u, m - 1u));
  let r0 = rightAt(t, min(j + 0u, n - 1u));
  let r1 = rightAt(t, min(j + 1u, n - 1u));
  let r2 = rightAt(t, min(j + 2u, n - 1u));
  let r3 = rightAt(t, min(j + 3u, n - 1u));
  let r4 = rightAt(t, min(j + 4u, n - 1u));
  let r5 = rightAt(t, min(j + 5u, n - 1u));
  let r6 = rightAt(t, min(j + 6u, n - 1u));
  let r7 = rightAt(t, min(j + 7u, n - 1u));
  var c0 = vec4f(); var d0 = vec4f();
  var c1 = vec4f(); var d1 = vec4f();
  var c2 = vec4f(); var d2 = vec4f();
  var c3 = vec4f(); var d3 = vec4f();
  var c4 = vec4f(); var d4 = vec4f();
  var c5 = vec4f(); var d5 = vec4f();
  var c6 = vec4f(); var d6 = vec4f();
  var c7 = vec4f(); var d7 = vec4f();
  for (var start = 0u; start < depth; start += PANEL) {
    var s0 = vec4f(); var u0 = vec4f();
    var s1 = vec4f(); var u1 = vec4f();
    var s2 = vec4f(); var u2 = vec4f();
    var s3 = vec4f(); var u3 = vec4f();
    var s4 = vec4f(); var u4 = vec4f();
    var s5 = vec4f(); var u5 = vec4f();
    var s6 = vec4f(); var u6 = vec4f();
    var s7 = vec4f(); var u7 = vec4f();
    for (var k = start; k < min(start + PANEL, depth); k++) {
      let a = k * leftStep();
      let b = k * rightStep();
      let x = vec4f(right(r0 + b), right(r1 + b), right(r2 + b), right(r3 + b));
      let y = vec4f(right(r4 + b), right(r5 + b), right(r6 + b), right(r7 + b));
      let a0 = left(l0 + a); s0 += a0 * x; u0 += a0 * y;
      let a1 = left(l1 + a); s1 += a1 * x; u1 += a1 * y;
      let a2 = left(l2 + a); s2 += a2 * x; u2 += a2 * y;
      let a3 = left(l3 + a); s3 += a3 * x; u3 += a3 * y;
      let a4 = left(l4 + a); s4 += a4 * x; u4 += a4 * y;
      let a5 = left(l5 + a); s5 += a5 * x; u5 += a5 * y;
      let a6 = left(l6 + a); s6 += a6 * x; u6 += a6 * y;
      let a7 = left(l7 + a); s7 += a7 * x; u7 += a7 * y;
    }
    c0 += s0; d0 += u0;
    c1 += s1; d1 += u1;
    c2 += s2; d2 += u2;
    c3 += s3; d3 += u3;
    c4 += s4; d4 += u4;
    c5 += s5; d5 += u5;
    c6 += s6; d6 += u6;
    c7 += s7; d7 += u7;
  }
  store8(t, i + 0u, j, m, n, c0, d0);
  store8(t, i + 1u, j, m, n, c1, d1);
  store8(t, i + 2u, j, m, n, c2, d2);
  store8(t, i + 3u, j, m, n, c3, d3);
  store8(t, i + 4u, j, m, n, c4, d4);
  store8(t, i + 5u, j, m, n, c5, d5);
  store8(t, i + 6u, j, m, n, c6, d6);
  store8(t, i + 7u, j, m, n, c7, d7);
}

fn store8(t: u32, i: u32, j: u32, m: u32, n: u32, first: vec4f, second: vec4f) {
  if (i >= m) {
    return;
  }
  store4(t, i, j, first);
  if (j + 4u < n) {
    store4(t, i, j + 4u, second);
  }
}
