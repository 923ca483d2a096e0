// include vector, runningSum

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn quotient(total: f32) -> f32 {
  if (params.n == 0u) {
    return nan();
  }
  return total / f32(params.n);
}

// y[o, i] = Σ_k x[o, k, i] / n for o < outer, k < n, i < inner. x is f32[outer * n * inner], y is f32[outer * inner]; NaN
// where n is 0. With inner = 1 and n > 64 a workgroup takes row o, its lanes elements lane, lane + 64, … and then a tree;
// else one invocation takes each y. Running sums in f32 where the CPU has f64.
@compute @workgroup_size(64)
fn mean(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var terms = RunningSum();
      for (var k = lane; k < params.n; k += 64u) {
        addTerm(&terms, x[o * params.n + k]);
      }
      let total = workgroupSum(lane, totalOf(terms));
      if (lane == 0u) {
        y[o] = quotient(total);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var terms = RunningSum();
    for (var k = 0u; k < params.n; k++) {
      addTerm(&terms, x[first + k * params.inner]);
    }
    y[r] = quotient(totalOf(terms));
  }
}
