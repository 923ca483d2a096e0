// Reports of kernels whose input turns out wrong on the device, to the including file's binding `fault`, i32[3].

// Leaves 1, the value and its bound in `fault` unless an earlier report lies there: words of two never mix.
fn reportFault(value: i32, bound: u32) {
  loop {
    let result = atomicCompareExchangeWeak(&fault[0], 0, 1);
    if (result.exchanged) {
      atomicStore(&fault[1], value);
      atomicStore(&fault[2], i32(bound));
      return;
    }
    if (result.old_value != 0) {
      return;
    }
  }
}
