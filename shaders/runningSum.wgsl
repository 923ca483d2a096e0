// Sums in one fixed order that keep their digits: what the CPU path does in f64.

// Terms in chains of 32, those in chains of 32, and those in turn: no chain of a million terms is longer than 1,000.
struct RunningSum {
  count: u32,
  inner: f32,
  middle: f32,
  outer: f32,
}

fn addTerm(sum: ptr<function, RunningSum>, term: f32) {
  (*sum).count += 1u;
  (*sum).inner += term;
  if (((*sum).count & 31u) == 0u) {
    (*sum).middle += (*sum).inner;
    (*sum).inner = 0.0;
    if (((*sum).count & 1023u) == 0u) {
      (*sum).outer += (*sum).middle;
      (*sum).middle = 0.0;
    }
  }
}

fn totalOf(sum: RunningSum) -> f32 {
  return sum.outer + (sum.middle + sum.inner);
}

var<workgroup> partialSums: array<f32, 64>;

// The sum of the workgroup's 64 values as a tree, for every invocation. Has barriers: call it in uniform control flow.
fn workgroupSum(lane: u32, value: f32) -> f32 {
  workgroupBarrier(); // the last call's result has been read
  partialSums[lane] = value;
  for (var width = 32u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (lane < width) {
      partialSums[lane] += partialSums[lane + width];
    }
  }
  workgroupBarrier();
  return partialSums[0];
}
