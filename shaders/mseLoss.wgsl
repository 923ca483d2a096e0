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

// out[i] = (x[i] - y[i])² for i < n. One invocation takes elements i, i + stride, …; x, y and out are f32[n].
@compute @workgroup_size(64)
fn mseLoss(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    let difference = x[i] - y[i];
    out[i] = difference * difference;
  }
}

// dx[i] = 2 (x[i] - y[i]) dy[i * dyStep] scale for i < n. One invocation takes elements i, i + stride, …; x, y and dx are
// f32[n], dy is f32[n] with dyStep 1, f32[1] with dyStep 0.
@compute @workgroup_size(64)
fn mseLossBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < backwardParams.n; i += groups.x * 64u) {
    let difference = x[i] - y[i];
    dxBackward[i] = (difference + difference) * dyBackward[i * backwardParams.dyStep] * backwardParams.scale;
  }
}
