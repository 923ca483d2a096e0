// include runningSum

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> xInt32: array<i32>;
@group(0) @binding(1) var<storage, read> xBytes: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> yInt32: array<i32>;

var<workgroup> rowTotal: atomic<i32>;

fn byteAt(i: u32) -> i32 {
  return i32(extractBits(xBytes[i >> 2u], (i & 3u) * 8u, 8u));
}

// y[o, i] = Σ_k x[o, k, i] for o < outer, k < n, i < inner. x is f32[outer * n * inner], y is f32[outer * inner]. With
// inner = 1 and n > 64 a workgroup takes row o, its lanes elements lane, lane + 64, … and then a tree; else one
// invocation takes each y. Running sums in f32 where the CPU has f64.
@compute @workgroup_size(64)
fn sum(
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
        y[o] = total;
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
    y[r] = totalOf(terms);
  }
}

// y[o, i] = Σ_k x[o, k, i] modulo 2^32 for o < outer, k < n, i < inner. x is i32[outer * n * inner], y is i32[outer *
// inner]. Who does which element as in sum; whole numbers need no tree.
@compute @workgroup_size(64)
fn sumInt32(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var total = 0i;
      for (var k = lane; k < params.n; k += 64u) {
        total += xInt32[o * params.n + k];
      }
      addToRow(lane, total);
      if (lane == 0u) {
        yInt32[o] = atomicLoad(&rowTotal);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var total = 0i;
    for (var k = 0u; k < params.n; k++) {
      total += xInt32[first + k * params.inner];
    }
    yInt32[r] = total;
  }
}

// y[o, i] = Σ_k x[o, k, i] modulo 2^32 for o < outer, k < n, i < inner. x is u8[outer * n * inner], y is i32[outer *
// inner]. Who does which element as in sumInt32.
@compute @workgroup_size(64)
fn sumBytes(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var total = 0i;
      for (var k = lane; k < params.n; k += 64u) {
        total += byteAt(o * params.n + k);
      }
      addToRow(lane, total);
      if (lane == 0u) {
        yInt32[o] = atomicLoad(&rowTotal);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var total = 0i;
    for (var k = 0u; k < params.n; k++) {
      total += byteAt(first + k * params.inner);
    }
    yInt32[r] = total;
  }
}

// Leaves the sum of the workgroup's values in rowTotal, which invocation 0 may read until its next call.
fn addToRow(lane: u32, value: i32) {
  if (lane == 0u) {
    atomicStore(&rowTotal, 0);
  }
  workgroupBarrier();
  atomicAdd(&rowTotal, value);
  workgroupBarrier();
}
