// include vector

struct Params {
  outer: u32,
  n: u32,
  inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> xInt32: array<i32>;
@group(0) @binding(1) var<storage, read> xBytes: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<i32>;

// Elements compare as unsigned keys, which no adapter's treatment of NaN, -0 and subnormals can upset. The least is 0.
struct Best {
  key: u32,
  index: u32,
}

var<workgroup> bests: array<Best, 64>;

fn keyFloat(i: u32) -> u32 {
  let bits = bitcast<u32>(x[i]);
  if (isNan(x[i])) {
    return 0xffffffffu;
  }
  if ((bits & 0x80000000u) == 0u) {
    return bits | 0x80000000u;
  }
  return select(~bits, 0x80000000u, bits == 0x80000000u); // -0 is 0
}

fn keyInt32(i: u32) -> u32 {
  return bitcast<u32>(xInt32[i]) ^ 0x80000000u;
}

fn keyByte(i: u32) -> u32 {
  return extractBits(xBytes[i >> 2u], (i & 3u) * 8u, 8u);
}

fn better(a: Best, b: Best) -> Best {
  if (b.key > a.key || (b.key == a.key && b.index < a.index)) {
    return b;
  }
  return a;
}

// The best of the workgroup's 64, for every invocation. Has barriers: call it in uniform control flow.
fn workgroupBest(lane: u32, best: Best) -> u32 {
  workgroupBarrier(); // the last call's result has been read
  bests[lane] = best;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) {
      bests[lane] = better(bests[lane], bests[lane + width]);
    }
  }
  workgroupBarrier();
  return bests[0].index;
}

// y[o, i] = the k of the largest x[o, k, i] for o < outer, k < n, i < inner: the first of ties; NaN counts as largest and
// the first NaN wins. x is f32[outer * n * inner], y is i32[outer * inner]. 0 where n is 0. With inner = 1 and n > 64 a
// workgroup takes row o, its lanes elements lane, lane + 64, … and then a tree; else one invocation takes each y.
@compute @workgroup_size(64)
fn argmax(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var best = Best(0u, 0u);
      for (var k = lane; k < params.n; k += 64u) {
        best = better(best, Best(keyFloat(o * params.n + k), k));
      }
      let index = workgroupBest(lane, best);
      if (lane == 0u) {
        y[o] = i32(index);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var best = Best(0u, 0u);
    for (var k = 0u; k < params.n; k++) {
      best = better(best, Best(keyFloat(first + k * params.inner), k));
    }
    y[r] = i32(best.index);
  }
}

// y[o, i] = the first k of the largest x[o, k, i] for o < outer, k < n, i < inner. x is i32[outer * n * inner], y is
// i32[outer * inner]. 0 where n is 0. Who does which element as in argmax.
@compute @workgroup_size(64)
fn argmaxInt32(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var best = Best(0u, 0u);
      for (var k = lane; k < params.n; k += 64u) {
        best = better(best, Best(keyInt32(o * params.n + k), k));
      }
      let index = workgroupBest(lane, best);
      if (lane == 0u) {
        y[o] = i32(index);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var best = Best(0u, 0u);
    for (var k = 0u; k < params.n; k++) {
      best = better(best, Best(keyInt32(first + k * params.inner), k));
    }
    y[r] = i32(best.index);
  }
}

// y[o, i] = the first k of the largest x[o, k, i] for o < outer, k < n, i < inner. x is u8[outer * n * inner], y is
// i32[outer * inner]. 0 where n is 0. Who does which element as in argmax.
@compute @workgroup_size(64)
fn argmaxBytes(
  @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32,
) {
  if (params.inner == 1u && params.n > 64u) {
    for (var o = group.x; o < params.outer; o += groups.x) {
      var best = Best(0u, 0u);
      for (var k = lane; k < params.n; k += 64u) {
        best = better(best, Best(keyByte(o * params.n + k), k));
      }
      let index = workgroupBest(lane, best);
      if (lane == 0u) {
        y[o] = i32(index);
      }
    }
    return;
  }
  for (var r = group.x * 64u + lane; r < params.outer * params.inner; r += groups.x * 64u) {
    let first = r / params.inner * params.n * params.inner + r % params.inner;
    var best = Best(0u, 0u);
    for (var k = 0u; k < params.n; k++) {
      best = better(best, Best(keyByte(first + k * params.inner), k));
    }
    y[r] = i32(best.index);
  }
}
