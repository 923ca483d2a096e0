// include vector

struct Params {
  n: u32,
  beta1: f32,
  beta2: f32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  stepSize: f32,
  sqrtBias2: f32,
  eps: f32,
  weightDecay: f32,
  maximize: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> p: array<f32>;
@group(0) @binding(3) var<storage, read_write> m: array<f32>;
@group(0) @binding(4) var<storage, read_write> v: array<f32>;
@group(0) @binding(5) var<storage, read_write> vmax: array<f32>;

// Averages closer to zero become zero, as on the CPU, where subnormal numbers are slow.
const TINY = 2.350988701644575e-38;

fn flushed(average: f32) -> f32 {
  return select(average, 0.0, abs(average) < TINY);
}

// Updates m[i] and v[i].
fn average(i: u32) {
  var slope = select(g[i], -g[i], params.maximize != 0u);
  if (params.weightDecay != 0.0) {
    slope = slope + params.weightDecay * p[i];
  }
  m[i] = flushed(m[i] * params.beta1 + params.oneMinusBeta1 * slope);
  v[i] = flushed(v[i] * params.beta2 + params.oneMinusBeta2 * slope * slope);
}

// Updates p[i] from m[i] and the average of squares.
fn descend(i: u32, square: f32) {
  p[i] = p[i] - (params.stepSize * m[i]) / (sqrt(square) / params.sqrtBias2 + params.eps);
}

// p[i] -= stepSize m[i] / (sqrt(v[i]) / sqrtBias2 + eps) for i < n, after m = beta1 m + oneMinusBeta1 d and v = beta2 v +
// oneMinusBeta2 d² with d = (maximize ? -g : g) + weightDecay p. One invocation takes elements i, i + stride, …; g, p, m
// and v are f32[n]; p, m and v change in place. The scalars are those of the CPU path. With weightDecay 0, p is not
// multiplied by it.
@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    average(i);
    descend(i, v[i]);
  }
}

// p[i] -= stepSize m[i] / (sqrt(vmax[i]) / sqrtBias2 + eps) for i < n, after vmax = max(vmax, v) with m and v as in adam.
// One invocation takes elements i, i + stride, …; g, p, m, v and vmax are f32[n]; all but g change in place.
@compute @workgroup_size(64)
fn adamAmsgrad(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    average(i);
    if (v[i] > vmax[i] || isNan(v[i])) { // NaN stays: nothing is greater
      vmax[i] = v[i];
    }
    descend(i, vmax[i]);
  }
}
