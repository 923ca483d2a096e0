// include vector, fault

struct Params {
  outer: u32,
  classes: u32,
  inner: u32,
  ignoreIndex: i32,
  weighted: u32,
}

struct BackwardParams {
  outer: u32,
  classes: u32,
  inner: u32,
  ignoreIndex: i32,
  weighted: u32,
  dyStep: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(0) var<uniform> backwardParams: BackwardParams;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> targetBuffer: array<i32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> picked: array<f32>;
@group(0) @binding(6) var<storage, read_write> fault: array<atomic<i32>>;
@group(0) @binding(1) var<storage, read> targetBackward: array<i32>;
@group(0) @binding(2) var<storage, read> weightBackward: array<f32>;
@group(0) @binding(3) var<storage, read> scaleBackward: array<f32>;
@group(0) @binding(4) var<storage, read> dyBackward: array<f32>;
@group(0) @binding(5) var<storage, read_write> dxBackward: array<f32>;

// loss[r] = -w_t x[o, t, i] with t = target[r] for the rows r = o * inner + i. One invocation takes rows r, r + stride, ….
// x (log p) is f32[outer * classes * inner], target i32[outer * inner], weight f32[classes] (not read unless weighted is 1:
// else w_t is 1); loss and picked (w_t) are f32[outer * inner], fault is i32[3]. Where the target is ignoreIndex, loss and
// picked are 0. A target outside [0, classes) makes them NaN and leaves 1, the target and classes in fault, which is
// otherwise not written.
@compute @workgroup_size(64)
fn nllLoss(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var r = id.x; r < params.outer * params.inner; r += groups.x * 64u) {
    let t = targetBuffer[r];
    var term = 0.0;
    var w = 0.0;
    if (t != params.ignoreIndex && u32(t) < params.classes) {
      w = 1.0;
      if (params.weighted != 0u) {
        w = weight[t];
      }
      term = -(w * x[(r / params.inner * params.classes + u32(t)) * params.inner + r % params.inner]);
    } else if (t != params.ignoreIndex) {
      w = nan();
      term = nan();
      reportFault(t, params.classes);
    }
    loss[r] = term;
    picked[r] = w;
  }
}

// dx[o, k, i] = k = t ? -w_t dy[r * dyStep] scale[1] : 0 with t = target[r] for the rows r = o * inner + i. One invocation
// takes rows r, r + stride, …. target is i32[outer * inner], weight f32[classes] (not read unless weighted is 1), scale
// f32[2] (what reduceLoss gave); dy is f32[outer * inner] with dyStep 1, f32[1] with dyStep 0; dx is f32[outer * classes *
// inner]. Where the target is ignoreIndex or no class, dx is 0, whatever dy is.
@compute @workgroup_size(64)
fn nllLossBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let classes = backwardParams.classes;
  let inner = backwardParams.inner;
  for (var r = id.x; r < backwardParams.outer * inner; r += groups.x * 64u) {
    let t = targetBackward[r];
    var own = 0.0;
    if (t != backwardParams.ignoreIndex && u32(t) < classes) {
      let g = dyBackward[r * backwardParams.dyStep] * scaleBackward[1];
      var w = 1.0;
      if (backwardParams.weighted != 0u) {
        w = weightBackward[t];
      }
      own = -(w * g);
    }
    for (var k = 0u; k < classes; k++) {
      dxBackward[(r / inner * classes + k) * inner + r % inner] = select(0.0, own, k == u32(t));
    }
  }
}
