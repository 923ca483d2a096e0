struct Params {
  rows: u32,
  rowBytes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

// Byte i of y, where it comes from in x.
fn source(i: u32) -> u32 {
  let r = i / params.rowBytes;
  return u32(indices[r]) * params.rowBytes + (i - r * params.rowBytes);
}

// y[r] = x[indices[r]] for r < rows, rows of rowBytes bytes. indices is i32[rows], each one a row of x; x and y are words, y
// with zeros behind the last byte. One invocation takes words w, w + stride, … of y.
@compute @workgroup_size(64)
fn gatherRows(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  let total = params.rows * params.rowBytes;
  let whole = params.rowBytes % 4u == 0u;
  for (var w = id.x; w < (total + 3u) / 4u; w += stride) {
    if (whole) {
      y[w] = x[source(4u * w) / 4u];
      continue;
    }
    var bytes = 0u;
    for (var i = 4u * w; i < min(4u * w + 4u, total); i++) {
      let at = source(i);
      bytes |= ((x[at / 4u] >> (8u * (at % 4u))) & 0xffu) << (8u * (i % 4u));
    }
    y[w] = bytes;
  }
}
