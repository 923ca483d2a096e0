struct Params {
  n: u32,
  value: f32,
}

struct ParamsInt32 {
  n: u32,
  value: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(0) var<uniform> paramsInt32: ParamsInt32;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> yInt32: array<i32>;

// y[i] = value for i < n. One invocation takes elements i, i + stride, … y is f32[n].
@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.n; i += stride) {
    y[i] = params.value;
  }
}

// y[i] = value for i < n. One invocation takes elements i, i + stride, … y is i32[n].
@compute @workgroup_size(64)
fn fillInt32(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < paramsInt32.n; i += stride) {
    yInt32[i] = paramsInt32.value;
  }
}
