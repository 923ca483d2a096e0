struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@group(0) @binding(1) var<storage, read> xInt32: array<i32>;
@group(0) @binding(2) var<storage, read_write> yInt32: array<i32>;

// y[i] = -x[i] for i < n. The sign of 0 and NaN flips too.
// One invocation takes elements i, i + stride, … x and y are f32[n].
@compute @workgroup_size(64)
fn neg(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = bitcast<f32>(bitcast<u32>(x[i]) ^ 0x80000000u); // not -x: it may flush subnormals
  }
}

// y[i] = -x[i], wrapping, for i < n. One invocation takes elements i, i + stride, … x and y are i32[n].
@compute @workgroup_size(64)
fn negInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yInt32[i] = -xInt32[i];
  }
}
