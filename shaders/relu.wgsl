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

// y[i] = x[i] < 0 ? 0 : x[i] for i < n. NaN and -0 stay.
// One invocation takes elements i, i + stride, … x and y are f32[n].
@compute @workgroup_size(64)
fn relu(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = clampNegative(x[i]);
  }
}

// dx[i] = y[i] <= 0 ? 0 : dy[i] for i < n, y the output of relu. Where y is NaN, dy passes.
// One invocation takes elements i, i + stride, … y, dy and dx are f32[n].
@compute @workgroup_size(64)
fn reluBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    let output = yBackward[i];
    dx[i] = select(dy[i], 0.0, isNegative(output) || isZero(output));
  }
}
