// include product

struct Params {
  batch: u32,
  m: u32,
  n: u32,
  k: u32,
  aBatch: u32,
  aRow: u32,
  aCol: u32,
  bBatch: u32,
  bRow: u32,
  bCol: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn leftAt(t: u32, i: u32) -> u32 {
  return t * params.aBatch + i * params.aRow;
}

fn leftStep() -> u32 {
  return params.aCol;
}

fn left(at: u32) -> f32 {
  return a[at];
}

fn rightAt(t: u32, j: u32) -> u32 {
  return t * params.bBatch + j * params.bCol;
}

fn rightStep() -> u32 {
  return params.bRow;
}

fn right(at: u32) -> f32 {
  return b[at];
}

fn store4(t: u32, i: u32, j: u32, sums: vec4f) {
  let at = (t * params.m + i) * params.n + j;
  for (var q = 0u; q < min(params.n - j, 4u); q++) {
    y[at + q] = sums[q];
  }
}

// y[t][i][j] = sum over l of a[t][i][l] * b[t][l][j] for t < batch, i < m, j < n, l < k. Strides in elements, by batch (0 repeats),
// row and column; y is f32[batch][m][n] contiguous. Who computes what is the included product's.
@compute @workgroup_size(64)
fn matmul(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  products(params.batch, params.m, params.n, params.k, group.x, groups.x, lane);
}
