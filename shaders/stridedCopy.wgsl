struct Params {
  xStart: u32,
  yStart: u32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  n4: u32,
  n5: u32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
  s4: i32,
  s5: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

fn total() -> u32 {
  return params.n0 * params.n1 * params.n2 * params.n3 * params.n4 * params.n5;
}

// Element i of the result, where it comes from in x.
fn source(i: u32) -> u32 {
  var at = i32(params.xStart);
  var rest = i;
  at += i32(rest % params.n5) * params.s5;
  rest /= params.n5;
  at += i32(rest % params.n4) * params.s4;
  rest /= params.n4;
  at += i32(rest % params.n3) * params.s3;
  rest /= params.n3;
  at += i32(rest % params.n2) * params.s2;
  rest /= params.n2;
  at += i32(rest % params.n1) * params.s1;
  rest /= params.n1;
  return u32(at + i32(rest) * params.s0);
}

// y[yStart + i] = x[xStart + i0 * s0 + … + i5 * s5] for i0 < n0, …, i5 < n5, i their row-major index, 4-byte elements.
// x holds whatever the strides reach, in elements: 0 repeats, negative runs backwards. One invocation takes i, i + stride, …
@compute @workgroup_size(64)
fn stridedCopy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  let n = total();
  for (var i = id.x; i < n; i += stride) {
    y[params.yStart + i] = x[source(i)];
  }
}

// As `stridedCopy`, for 1-byte elements. One invocation takes words w, w + stride, … of those of y that get elements; what else
// lies in the first and the last one stays.
@compute @workgroup_size(64)
fn stridedCopyBytes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  let first = params.yStart;
  let end = first + total();
  for (var w = first / 4u + id.x; 4u * w < end; w += stride) {
    var bytes = y[w];
    for (var at = max(4u * w, first); at < min(4u * w + 4u, end); at++) {
      let place = source(at - first);
      let byte = (x[place / 4u] >> (8u * (place % 4u))) & 0xffu;
      bytes = insertBits(bytes, byte, 8u * (at % 4u), 8u);
    }
    y[w] = bytes;
  }
}
