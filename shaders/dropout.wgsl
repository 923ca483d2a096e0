// include vector, philox

struct Params {
  n: u32,
  threshold: u32,
  scale: f32,
  offsetLow: u32,
  offsetHigh: u32,
  seedLow: u32,
  seedHigh: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// y[i] = x[i] * (keep(i) ? scale : 0) for i < n, keep(i) = (word i of the Philox stream >> 8) < threshold. Dropped negatives
// are -0, dropped NaN and infinities NaN. x and y are f32[n]. One invocation takes the four elements of block b, b + stride, …
@compute @workgroup_size(64)
fn dropout(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var block = id.x; block < (params.n + 3u) / 4u; block += stride) {
    let words = philox(block, params.offsetLow, params.offsetHigh, params.seedLow, params.seedHigh);
    for (var k = 0u; k < 4u; k++) {
      let i = 4u * block + k;
      if (i < params.n) {
        y[i] = keepScale(x[i], words[k], params.threshold, params.scale);
      }
    }
  }
}
