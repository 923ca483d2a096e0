import { loadOperand, loadOperandTail, maskBytes, storeBytesTail } from "./vector";

/**
 * y[i] = a[i] >= b[i] ? 1 : 0 for i < n. `y` is u8[n]; `a` and `b` are f32[n] where their step is 1, or one f32
 * for all elements where it is 0. `y` shares no memory with `a` or `b`. A NaN gives 0.
 */
export function ge(a: usize, b: usize, y: usize, n: u32, aStep: u32, bStep: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const mask = f32x4.ge(loadOperand(a, i, aStep), loadOperand(b, i, bStep));
    v128.store32_lane(y + i, maskBytes(mask), 0);
  }
  if (i < n) {
    const mask = f32x4.ge(loadOperandTail(a, i, aStep, n - i), loadOperandTail(b, i, bStep, n - i));
    storeBytesTail(y + i, maskBytes(mask), n - i);
  }
}

/**
 * y[i] = a[i] >= b[i] ? 1 : 0 for i < n. `y` is u8[n]; `a` and `b` are i32[n] where their step is 1, or one i32
 * for all elements where it is 0. `y` shares no memory with `a` or `b`.
 */
export function geInt32(a: usize, b: usize, y: usize, n: u32, aStep: u32, bStep: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const mask = i32x4.ge_s(loadOperand(a, i, aStep), loadOperand(b, i, bStep));
    v128.store32_lane(y + i, maskBytes(mask), 0);
  }
  if (i < n) {
    const mask = i32x4.ge_s(loadOperandTail(a, i, aStep, n - i), loadOperandTail(b, i, bStep, n - i));
    storeBytesTail(y + i, maskBytes(mask), n - i);
  }
}
