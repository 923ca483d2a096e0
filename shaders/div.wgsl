struct Params {
  n: u32,
  aStep: u32,
  bStep: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// y[i] = a[i] / b[i] for i < n. y is f32[n]; a and b are f32[n] where their step is 1, or one f32 for all
// elements where it is 0. One invocation takes elements i, i + stride, …
@compute @workgroup_size(64)
fn div(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = a[i * params.aStep] / b[i * params.bStep];
  }
}
