// What kernels along the middle of [outer, n, inner] share. A row is n values of the including file's binding `x`, the
// first at `first`, `inner` apart.

// Where row r = o * inner + i begins.
fn rowStart(r: u32, n: u32, inner: u32) -> u32 {
  return r / inner * n * inner + r % inner;
}

// The largest of a row; NaN where that is no finite number, which makes all that follows from the row NaN.
fn rowMax(first: u32, n: u32, inner: u32) -> f32 {
  var bits = 0xff800000u; // -inf
  var largest = bitcast<f32>(bits);
  for (var k = 0u; k < n; k++) {
    let value = x[first + k * inner];
    if (value > largest || isNan(value)) { // NaN stays: nothing is greater
      largest = value;
    }
  }
  bits = bitcast<u32>(largest);
  if ((bits & 0x7f800000u) == 0x7f800000u) {
    return nan();
  }
  return largest;
}

// log Σ_k exp(x_k - largest) of a row.
fn rowLogSum(first: u32, n: u32, inner: u32, largest: f32) -> f32 {
  var sum = RunningSum();
  for (var k = 0u; k < n; k++) {
    addTerm(&sum, exponential(x[first + k * inner] - largest));
  }
  return logarithm(totalOf(sum));
}
