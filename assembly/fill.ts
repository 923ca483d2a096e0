/** y[i] = value for i < n. `y` is f32[n]. */
export function fill(y: usize, n: u32, value: f32): void {
  const values = f32x4.splat(value);
  let i: usize = 0;
  const bytes = <usize>n << 2;
  for (; i + 16 <= bytes; i += 16) v128.store(y + i, values);
  for (; i < bytes; i += 4) store<f32>(y + i, value);
}

/** y[i] = value for i < n. `y` is i32[n]. */
export function fillInt32(y: usize, n: u32, value: i32): void {
  for (let i: u32 = 0; i < n; i++) store<i32>(y + (<usize>i << 2), value);
}
