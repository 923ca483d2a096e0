// include product

struct Params {
  rows: u32,
  ins: u32,
  outs: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dz: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw: array<f32>;
@group(0) @binding(4) var<storage, read_write> db: array<f32>;

fn leftAt(t: u32, i: u32) -> u32 {
  return i;
}

fn leftStep() -> u32 {
  return params.outs;
}

fn left(at: u32) -> f32 {
  return dz[at];
}

fn rightAt(t: u32, j: u32) -> u32 {
  return j;
}

fn rightStep() -> u32 {
  return params.ins;
}

fn right(at: u32) -> f32 {
  return x[at];
}

fn store4(t: u32, i: u32, j: u32, sums: vec4f) {
  let at = i * params.ins + j;
  for (var q = 0u; q < min(params.ins - j, 4u); q++) {
    dw[at + q] = sums[q];
  }
}

// db[o], summed in runs of 32 rows so that a long chain does not lose digits.
fn columnSum(o: u32) -> f32 {
  var total = 0.0;
  for (var start = 0u; start < params.rows; start += 32u) {
    var run = 0.0;
    for (var r = start; r < min(start + 32u, params.rows); r++) {
      run += dz[r * params.outs + o];
    }
    total += run;
  }
  return total;
}

// dw[o][i] = sum over r of dz[r][o] * x[r][i] and db[o] = sum over r of dz[r][o] for o < outs, i < ins, r < rows. dz is
// f32[rows][outs], x f32[rows][ins], dw f32[outs][ins], db f32[outs]. Who computes what of dw is the included product's; one
// invocation sums column o, o + stride, … of dz.
@compute @workgroup_size(64)
fn linearGradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  products(1u, params.outs, params.ins, params.rows, group.x, groups.x, lane);
  for (var o = group.x * 64u + lane; o < params.outs; o += groups.x * 64u) {
    db[o] = columnSum(o);
  }
}
