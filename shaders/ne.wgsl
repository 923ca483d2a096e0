// include vector

struct Params {
  n: u32,
  aStep: u32,
  bStep: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

@group(0) @binding(1) var<storage, read> aInt32: array<i32>;
@group(0) @binding(2) var<storage, read> bInt32: array<i32>;

fn differ(a: f32, b: f32) -> bool {
  return !comparable(a, b) || rank(a) != rank(b);
}

// y[i] = a[i] != b[i] ? 1 : 0 for i < n. y is u8[n], zeros up to a whole word behind it; a and b are f32[n] where their
// step is 1, or one f32 for all elements where it is 0. A NaN gives 1. One invocation takes words w, w + stride, … of y.
@compute @workgroup_size(64)
fn ne(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var k = 0u; k < 4u; k++) {
      let i = 4u * w + k;
      if (i < params.n && differ(a[i * params.aStep], b[i * params.bStep])) {
        bytes |= 1u << (8u * k);
      }
    }
    y[w] = bytes;
  }
}

// y[i] = a[i] != b[i] ? 1 : 0 for i < n. y is u8[n], zeros up to a whole word behind it; a and b are i32[n] where their
// step is 1, or one i32 for all elements where it is 0. One invocation takes words w, w + stride, … of y.
@compute @workgroup_size(64)
fn neInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var k = 0u; k < 4u; k++) {
      let i = 4u * w + k;
      if (i < params.n && aInt32[i * params.aStep] != bInt32[i * params.bStep]) {
        bytes |= 1u << (8u * k);
      }
    }
    y[w] = bytes;
  }
}
