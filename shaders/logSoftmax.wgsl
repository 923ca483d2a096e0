// include vector, runningSum, row

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> yBackward: array<f32>;
@group(0) @binding(2) var<storage, read> dyBackward: array<f32>;
@group(0) @binding(3) var<storage, read_write> dxBackward: array<f32>;

// y[o, k, i] = x[o, k, i] - max_k - log Σ_k exp(x[o, k, i] - max_k) for o < outer, k < n, i < inner. One invocation takes
// row r = o * inner + i, then r + stride, …; x and y are f32[outer * n * inner]. A NaN or +∞, or nothing but -∞, makes its
// whole row NaN.
@compute @workgroup_size(64)
fn logSoftmax(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var r = id.x; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = rowStart(r, params.n, params.inner);
    let largest = rowMax(first, params.n, params.inner);
    let logSum = rowLogSum(first, params.n, params.inner, largest);
    for (var k = 0u; k < params.n; k++) {
      let at = first + k * params.inner;
      y[at] = x[at] - largest - logSum;
    }
  }
}

// dx[o, k, i] = dy[o, k, i] - exp(y[o, k, i]) * Σ_k dy[o, k, i] for o < outer, k < n, i < inner. One invocation takes row r
// = o * inner + i, then r + stride, …; y (what logSoftmax gave), dy and dx are f32[outer * n * inner].
@compute @workgroup_size(64)
fn logSoftmaxBackward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var r = id.x; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = rowStart(r, params.n, params.inner);
    var terms = RunningSum();
    for (var k = 0u; k < params.n; k++) {
      addTerm(&terms, dyBackward[first + k * params.inner]);
    }
    let total = totalOf(terms);
    for (var k = 0u; k < params.n; k++) {
      let at = first + k * params.inner;
      dxBackward[at] = dyBackward[at] - exponential(yBackward[at]) * total;
    }
  }
}
