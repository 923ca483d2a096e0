// include vector

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@group(0) @binding(1) var<storage, read> yBackward: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

// y[i] = tanh x[i] for i < n. NaN and -0 stay.
// One invocation takes elements i, i + stride, … x and y are f32[n].
@compute @workgroup_size(64)
fn tanh(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = hyperbolicTangent(x[i]);
  }
}

// dx[i] = dy[i] * (1 - y[i] * y[i]) for i < n, y the output of tanh.
// One invocation takes elements i, i + stride, … y, dy and dx are f32[n].
@compute @workgroup_size(64)
fn tanhBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    let output = yBackward[i];
    dx[i] = dy[i] * (1.0 - output * output);
  }
}
