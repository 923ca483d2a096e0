// include vector

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> xUint8: array<u32>;
@group(0) @binding(1) var<storage, read> xInt32: array<i32>;
@group(0) @binding(1) var<storage, read> xFloat32: array<f32>;
@group(0) @binding(2) var<storage, read_write> yUint8: array<u32>;
@group(0) @binding(2) var<storage, read_write> yInt32: array<i32>;
@group(0) @binding(2) var<storage, read_write> yFloat32: array<f32>;

fn byteAt(i: u32) -> u32 {
  return (xUint8[i / 4u] >> (8u * (i % 4u))) & 0xffu;
}

// trunc(x): the nearest of ±2^31 beyond the range of i32, 0 for NaN. i32() alone stops at the largest float below 2^31.
fn truncate(x: f32) -> i32 {
  if (isNan(x)) {
    return 0;
  }
  if (x >= 2147483648.0) {
    return 0x7fffffff;
  }
  return i32(max(x, -2147483648.0));
}

// y[i] = x[i] for i < n. Also casts bool.
// One invocation takes elements i, i + stride, … x is u8[n], y is f32[n].
@compute @workgroup_size(64)
fn castUint8ToFloat32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yFloat32[i] = f32(byteAt(i));
  }
}

// y[i] = x[i] to the nearest f32, ties to even, for i < n.
// One invocation takes elements i, i + stride, … x is i32[n], y is f32[n].
@compute @workgroup_size(64)
fn castInt32ToFloat32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yFloat32[i] = f32(xInt32[i]);
  }
}

// y[i] = x[i] for i < n. Also casts bool.
// One invocation takes elements i, i + stride, … x is u8[n], y is i32[n].
@compute @workgroup_size(64)
fn castUint8ToInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yInt32[i] = i32(byteAt(i));
  }
}

// y[i] = trunc(x[i]) for i < n: the nearest of ±2^31 beyond the range of i32, 0 for NaN.
// One invocation takes elements i, i + stride, … x is f32[n], y is i32[n].
@compute @workgroup_size(64)
fn castFloat32ToInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    yInt32[i] = truncate(xFloat32[i]);
  }
}

// y[i] = x[i] mod 256 for i < n.
// One invocation takes words w, w + stride, … of y. x is i32[n], y is u8[n].
@compute @workgroup_size(64)
fn castInt32ToUint8(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, params.n); i++) {
      bytes |= (u32(xInt32[i]) & 0xffu) << (8u * (i % 4u));
    }
    yUint8[w] = bytes;
  }
}

// y[i] = trunc(x[i]) mod 256 for i < n, trunc as castFloat32ToInt32 takes it.
// One invocation takes words w, w + stride, … of y. x is f32[n], y is u8[n].
@compute @workgroup_size(64)
fn castFloat32ToUint8(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, params.n); i++) {
      bytes |= (u32(truncate(xFloat32[i])) & 0xffu) << (8u * (i % 4u));
    }
    yUint8[w] = bytes;
  }
}

// y[i] = x[i] != 0 for i < n: 0 or 1, NaN is 1, -0 is 0.
// One invocation takes words w, w + stride, … of y. x is f32[n], y is u8[n].
@compute @workgroup_size(64)
fn castFloat32ToBool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, params.n); i++) {
      bytes |= select(1u, 0u, isZero(xFloat32[i])) << (8u * (i % 4u));
    }
    yUint8[w] = bytes;
  }
}

// y[i] = x[i] != 0 for i < n: 0 or 1.
// One invocation takes words w, w + stride, … of y. x is i32[n], y is u8[n].
@compute @workgroup_size(64)
fn castInt32ToBool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, params.n); i++) {
      bytes |= select(1u, 0u, xInt32[i] == 0) << (8u * (i % 4u));
    }
    yUint8[w] = bytes;
  }
}

// y[i] = x[i] != 0 for i < n: 0 or 1.
// One invocation takes words w, w + stride, … of y. x and y are u8[n].
@compute @workgroup_size(64)
fn castUint8ToBool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var w = id.x; w < (params.n + 3u) / 4u; w += stride) {
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, params.n); i++) {
      bytes |= select(1u, 0u, byteAt(i) == 0u) << (8u * (i % 4u));
    }
    yUint8[w] = bytes;
  }
}
