// include vector

struct Params {
  n: u32,
  posWeighted: u32,
  classes: u32,
}

struct BackwardParams {
  n: u32,
  posWeighted: u32,
  classes: u32,
  dyStep: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(0) var<uniform> backwardParams: BackwardParams;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> posWeight: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(4) var<storage, read> dyBackward: array<f32>;
@group(0) @binding(5) var<storage, read_write> dxBackward: array<f32>;

// out[i] = (1 - y[i]) x[i] + (1 + (p - 1) y[i]) (log(1 + exp(-|x[i]|)) + max(-x[i], 0)) for i < n, with p = posWeight[i mod
// classes]. One invocation takes elements i, i + stride, …; x, y and out are f32[n], posWeight is f32[classes] (not read
// unless posWeighted is 1: then p is 1).
@compute @workgroup_size(64)
fn bceWithLogits(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    var positive = 1.0;
    if (params.posWeighted != 0u) {
      positive = posWeight[i % params.classes];
    }
    let factor = 1.0 + (positive - 1.0) * y[i];
    let gentle = log1p(exponential(-abs(x[i]))); // log(1 + e^-|x|) cannot overflow
    let hinge = select(-x[i], 0.0, x[i] > 0.0); // keeps NaN
    out[i] = (1.0 - y[i]) * x[i] + factor * (gentle + hinge);
  }
}

// dx[i] = ((1 + (p - 1) y[i]) sigmoid(x[i]) - p y[i]) dy[i * dyStep] scale for i < n, with p = posWeight[i mod classes].
// One invocation takes elements i, i + stride, …; x, y and dx are f32[n], posWeight is f32[classes] (not read unless
// posWeighted is 1: then p is 1), dy is f32[n] with dyStep 1, f32[1] with dyStep 0.
@compute @workgroup_size(64)
fn bceWithLogitsBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < backwardParams.n; i += groups.x * 64u) {
    var positive = 1.0;
    if (backwardParams.posWeighted != 0u) {
      positive = posWeight[i % backwardParams.classes];
    }
    let factor = 1.0 + (positive - 1.0) * y[i];
    let difference = factor * logistic(x[i]) - positive * y[i];
    dxBackward[i] = difference * dyBackward[i * backwardParams.dyStep] * backwardParams.scale;
  }
}
