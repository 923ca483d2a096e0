// include product, philox

struct Params {
  rows: u32,
  ins: u32,
  outs: u32,
  biased: u32,
  relu: u32,
  dropping: u32,
  threshold: u32,
  scale: f32,
  offsetLow: u32,
  offsetHigh: u32,
  seedLow: u32,
  seedHigh: u32,
}

struct BackwardParams {
  n: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@group(0) @binding(0) var<uniform> backwardParams: BackwardParams;
@group(0) @binding(1) var<storage, read> yBackward: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dz: array<f32>;

fn leftAt(t: u32, i: u32) -> u32 {
  return i * params.ins;
}

fn leftStep() -> u32 {
  return 1u;
}

fn left(at: u32) -> f32 {
  return x[at];
}

fn rightAt(t: u32, j: u32) -> u32 {
  return j * params.ins;
}

fn rightStep() -> u32 {
  return 1u;
}

fn right(at: u32) -> f32 {
  return w[at];
}

fn words(block: u32) -> vec4u {
  return philox(block, params.offsetLow, params.offsetHigh, params.seedLow, params.seedHigh);
}

// The random words of the four elements from `first` on: of one counter, or of two where they begin inside one.
fn wordsFrom(first: u32) -> vec4u {
  let shift = first & 3u;
  let head = words(first >> 2u);
  if (shift == 0u) {
    return head;
  }
  let tail = words((first >> 2u) + 1u);
  if (shift == 1u) {
    return vec4u(head.yzw, tail.x);
  }
  if (shift == 2u) {
    return vec4u(head.zw, tail.xy);
  }
  return vec4u(head.w, tail.xyz);
}

fn store4(t: u32, i: u32, j: u32, sums: vec4f) {
  let count = min(params.outs - j, 4u);
  let first = i * params.outs + j;
  var z = sums;
  if (params.biased != 0u) {
    for (var q = 0u; q < count; q++) {
      z[q] += bias[j + q];
    }
  }
  if (params.relu != 0u) {
    z = select(z, vec4f(), z < vec4f()); // not max(): it may turn NaN into 0
  }
  if (params.dropping != 0u) {
    let keep = (wordsFrom(first) >> vec4u(8u)) < vec4u(params.threshold);
    z = z * select(vec4f(), vec4f(params.scale), keep);
  }
  for (var q = 0u; q < count; q++) {
    y[first + q] = z[q];
  }
}

// y[i][j] = drop(relu(sum over l of x[i][l] * w[j][l] + bias[j])) for i < rows, j < outs, l < ins; bias, ReLU and dropout where
// `biased`, `relu`, `dropping` are not 0. x is f32[rows][ins], w f32[outs][ins], bias f32[outs], y f32[rows][outs]. Dropout as in
// `dropout`, by the element's index in y. Who computes what is the included product's.
@compute @workgroup_size(64)
fn linear(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  products(1u, params.rows, params.outs, params.ins, group.x, groups.x, lane);
}

// dz[i] = y[i] <= 0 ? 0 : dy[i] * scale for i < n: through Dropout and ReLU at once, since y is positive exactly where ReLU
// passed and Dropout kept. One invocation takes elements i, i + stride, …; all are f32[n]. dy passes where y is NaN.
@compute @workgroup_size(64)
fn linearBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < backwardParams.n; i += groups.x * 64u) {
    dz[i] = select(dy[i] * backwardParams.scale, 0.0, yBackward[i] <= 0.0);
  }
}
