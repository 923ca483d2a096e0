struct Params {
  rows: u32,
  rowBytes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// byte / 255, correctly rounded, which WGSL's division need not be: in binary it is 0.bbb…, the byte over and over.
fn fraction(byte: u32) -> f32 {
  if (byte == 0u) {
    return 0.0;
  }
  let lead = countLeadingZeros(byte) - 24u;
  let digits = byte * 0x01010101u;
  let first = (digits << lead) | (digits >> (8u - lead)); // the first 32 from the leading 1 on: their period is 8
  return bitcast<f32>(((125u - lead) << 23u) + (first >> 8u) + ((first >> 7u) & 1u));
}

// y[r][c] = x[indices[r]][c] / 255 for r < rows, c < rowBytes, correctly rounded. x is u8[*, rowBytes], indices is i32[rows],
// each one a row of x; y is f32[rows, rowBytes]. One invocation takes elements i, i + stride, … of y.
@compute @workgroup_size(64)
fn gatherBytes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * 64u;
  for (var i = id.x; i < params.rows * params.rowBytes; i += stride) {
    let r = i / params.rowBytes;
    let at = u32(indices[r]) * params.rowBytes + (i - r * params.rowBytes);
    y[i] = fraction((x[at / 4u] >> (8u * (at % 4u))) & 0xffu);
  }
}
