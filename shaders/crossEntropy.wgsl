// include vector, runningSum, row, fault

struct Params {
  outer: u32,
  classes: u32,
  inner: u32,
  ignoreIndex: i32,
  smoothing: f32,
  weighted: u32,
}

struct BackwardParams {
  outer: u32,
  classes: u32,
  inner: u32,
  ignoreIndex: i32,
  smoothing: f32,
  weighted: u32,
  dyStep: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(0) var<uniform> backwardParams: BackwardParams;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> targetBuffer: array<i32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> logSum: array<f32>;
@group(0) @binding(6) var<storage, read_write> picked: array<f32>;
@group(0) @binding(7) var<storage, read_write> fault: array<atomic<i32>>;
@group(0) @binding(4) var<storage, read> logSumBackward: array<f32>;
@group(0) @binding(5) var<storage, read> scaleBackward: array<f32>;
@group(0) @binding(6) var<storage, read> dyBackward: array<f32>;
@group(0) @binding(7) var<storage, read_write> dxBackward: array<f32>;

fn weightOf(k: u32, weighted: u32) -> f32 {
  if (weighted == 0u) {
    return 1.0;
  }
  return weight[k];
}

// -Σ_k w_k log p_k of the row that begins at `first`.
fn smoothTerm(first: u32, top: f32, log: f32) -> f32 {
  var terms = RunningSum();
  for (var k = 0u; k < params.classes; k++) {
    addTerm(&terms, weightOf(k, params.weighted) * (log - (x[first + k * params.inner] - top)));
  }
  return totalOf(terms);
}

// loss[r] = -Σ_k q_k (x_k - logSum[r]), q_k = ((1 - smoothing) [k = target[r]] + smoothing / classes) w_k. Rows are r = o *
// inner + i with x_k = x[o, k, i]; logSum[r] = max_k x_k + log Σ_k exp(x_k - max). One invocation takes rows r, r + stride,
// …. x is f32[outer * classes * inner], target i32[outer * inner] and weight f32[classes] (w_k; not read unless weighted is
// 1: else w_k is 1); loss, logSum and picked (w of the target) are f32[outer * inner], fault is i32[3]. Where target[r] is
// ignoreIndex, loss and picked are 0. A target outside [0, classes) makes them NaN and leaves 1, the target and classes in
// fault, which is otherwise not written.
@compute @workgroup_size(64)
fn crossEntropy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let even = params.smoothing / f32(params.classes);
  for (var r = id.x; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = rowStart(r, params.classes, params.inner);
    let top = rowMax(first, params.classes, params.inner);
    let log = rowLogSum(first, params.classes, params.inner, top);
    logSum[r] = top + log;
    let t = targetBuffer[r];
    var term = 0.0;
    var w = 0.0;
    if (t != params.ignoreIndex && u32(t) < params.classes) {
      w = weightOf(u32(t), params.weighted);
      // From max and log apart: their sum, rounded, would cost digits where the values of x are large.
      term = w * (log - (x[first + u32(t) * params.inner] - top));
      if (params.smoothing != 0.0) {
        term = (1.0 - params.smoothing) * term + even * smoothTerm(first, top, log);
      }
    } else if (t != params.ignoreIndex) {
      w = nan();
      term = nan();
      reportFault(t, params.classes);
    }
    loss[r] = term;
    picked[r] = w;
  }
}

// Σ_k w_k, which is `classes` without weights.
fn weightSum() -> f32 {
  if (backwardParams.weighted == 0u) {
    return f32(backwardParams.classes);
  }
  var terms = RunningSum();
  for (var k = 0u; k < backwardParams.classes; k++) {
    addTerm(&terms, weight[k]);
  }
  return totalOf(terms);
}

// dx_k = g (exp(x_k - logSum[r]) Σ_j q_j - q_k), g = dy[r * dyStep] * scale[1], with rows r and q_k as in crossEntropy. One
// invocation takes rows r, r + stride, …. x and dx are f32[outer * classes * inner], target is i32[outer * inner], weight
// f32[classes] (not read unless weighted is 1), logSum f32[outer * inner], scale f32[2] (what reduceLoss gave); dy is
// f32[outer * inner] with dyStep 1, f32[1] with dyStep 0. Where the target is ignoreIndex or no class, dx is 0, whatever g
// is.
@compute @workgroup_size(64)
fn crossEntropyBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let classes = backwardParams.classes;
  let inner = backwardParams.inner;
  let even = backwardParams.smoothing / f32(classes);
  var spread = 0.0;
  if (backwardParams.smoothing != 0.0) {
    spread = even * weightSum();
  }
  for (var r = id.x; r < backwardParams.outer * inner; r += groups.x * 64u) {
    let first = rowStart(r, classes, inner);
    let t = targetBuffer[r];
    if (t == backwardParams.ignoreIndex || u32(t) >= classes) {
      for (var k = 0u; k < classes; k++) {
        dxBackward[first + k * inner] = 0.0;
      }
      continue;
    }
    let g = dyBackward[r * backwardParams.dyStep] * scaleBackward[1];
    let own = (1.0 - backwardParams.smoothing) * weightOf(u32(t), backwardParams.weighted);
    for (var k = 0u; k < classes; k++) {
      let at = first + k * inner;
      let share = even * weightOf(k, backwardParams.weighted);
      let q = select(share, own + share, k == u32(t));
      dxBackward[at] = g * (exponential(x[at] - logSumBackward[r]) * (own + spread) - q);
    }
  }
}
