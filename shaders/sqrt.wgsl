// include vector

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// y[i] = √x[i] for i < n. Correctly rounded; negatives give NaN.
// One invocation takes elements i, i + stride, … x and y are f32[n].
@compute @workgroup_size(64)
fn sqrt(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = squareRoot(x[i]);
  }
}
