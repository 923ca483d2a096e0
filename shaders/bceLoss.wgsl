// include vector

struct Params {
  n: u32,
}

struct BackwardParams {
  n: u32,
  dyStep: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(0) var<uniform> backwardParams: BackwardParams;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> dyBackward: array<f32>;
@group(0) @binding(4) var<storage, read_write> dxBackward: array<f32>;

// The value, or the bound where it lies below; NaN stays.
fn atLeast(value: f32, bound: f32) -> f32 {
  return select(value, bound, value < bound);
}

// out[i] = (y[i] - 1) max(log(1 - x[i]), -100) - y[i] max(log x[i], -100) for i < n. One invocation takes elements i, i +
// stride, …; x (0 ≤ x ≤ 1), y and out are f32[n]. The bound keeps 0 · log 0 and the loss of a certain error finite.
@compute @workgroup_size(64)
fn bceLoss(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    let yes = atLeast(logarithm(x[i]), -100.0);
    let no = atLeast(log1p(-x[i]), -100.0);
    out[i] = (y[i] - 1.0) * no - y[i] * yes;
  }
}

// dx[i] = (x[i] - y[i]) / max((1 - x[i]) x[i], 1e-12) dy[i * dyStep] scale for i < n. One invocation takes elements i, i +
// stride, …; x, y and dx are f32[n], dy is f32[n] with dyStep 1, f32[1] with dyStep 0.
@compute @workgroup_size(64)
fn bceLossBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < backwardParams.n; i += groups.x * 64u) {
    let ratio = (x[i] - y[i]) / atLeast((1.0 - x[i]) * x[i], 1e-12);
    dxBackward[i] = ratio * dyBackward[i * backwardParams.dyStep] * backwardParams.scale;
  }
}
