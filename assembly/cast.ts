import { loadBytes, packBytes } from "./vector";

/** y[i] = x[i] for i < n. `x` is u8[n], `y` is f32[n]; they do not overlap. Also casts bool. */
export function castUint8ToFloat32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + 4 * i, f32x4.convert_i32x4_s(loadBytes(x + i)));
  for (; i < n; i++) store<f32>(y + 4 * i, <f32>load<u8>(x + i));
}

/** y[i] = x[i] to the nearest f32, ties to even, for i < n. `x` is i32[n], `y` is f32[n]; they may be the same array. */
export function castInt32ToFloat32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + 4 * i, f32x4.convert_i32x4_s(v128.load(x + 4 * i)));
  for (; i < n; i++) store<f32>(y + 4 * i, <f32>load<i32>(x + 4 * i));
}

/** y[i] = x[i] for i < n. `x` is u8[n], `y` is i32[n]; they do not overlap. Also casts bool. */
export function castUint8ToInt32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + 4 * i, loadBytes(x + i));
  for (; i < n; i++) store<i32>(y + 4 * i, load<u8>(x + i));
}

/**
 * y[i] = trunc(x[i]) for i < n: the nearest of ±2^31 beyond the range of i32, 0 for NaN. `x` is f32[n], `y` is i32[n]; they
 * may be the same array.
 */
export function castFloat32ToInt32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + 4 * i, i32x4.trunc_sat_f32x4_s(v128.load(x + 4 * i)));
  for (; i < n; i++) store<i32>(y + 4 * i, <i32>load<f32>(x + 4 * i));
}

/** y[i] = x[i] mod 256 for i < n. `x` is i32[n], `y` is u8[n]; they may start together. */
export function castInt32ToUint8(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) {
    const p = x + 4 * i;
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    v128.store(y + i, packBytes(a, b, c, d));
  }
  for (; i < n; i++) store<u8>(y + i, <u8>load<i32>(x + 4 * i));
}

/** y[i] = trunc(x[i]) mod 256 for i < n, trunc as castFloat32ToInt32 takes it. `x` is f32[n], `y` is u8[n]; they may start together. */
export function castFloat32ToUint8(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) {
    const p = x + 4 * i;
    const a = i32x4.trunc_sat_f32x4_s(v128.load(p));
    const b = i32x4.trunc_sat_f32x4_s(v128.load(p, 16));
    const c = i32x4.trunc_sat_f32x4_s(v128.load(p, 32));
    const d = i32x4.trunc_sat_f32x4_s(v128.load(p, 48));
    v128.store(y + i, packBytes(a, b, c, d));
  }
  for (; i < n; i++) store<u8>(y + i, <u8><i32>load<f32>(x + 4 * i));
}

/** y[i] = x[i] != 0 for i < n: 0 or 1, NaN is 1, -0 is 0. `x` is f32[n], `y` is u8[n]; they may start together. */
export function castFloat32ToBool(x: usize, y: usize, n: u32): void {
  const zero = f32x4.splat(0);
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) {
    const p = x + 4 * i;
    const a = f32x4.ne(v128.load(p), zero);
    const b = f32x4.ne(v128.load(p, 16), zero);
    const c = f32x4.ne(v128.load(p, 32), zero);
    const d = f32x4.ne(v128.load(p, 48), zero);
    v128.store(y + i, i8x16.neg(packBytes(a, b, c, d)));
  }
  for (; i < n; i++) store<u8>(y + i, load<f32>(x + 4 * i) != 0);
}

/** y[i] = x[i] != 0 for i < n: 0 or 1. `x` is i32[n], `y` is u8[n]; they may start together. */
export function castInt32ToBool(x: usize, y: usize, n: u32): void {
  const zero = i32x4.splat(0);
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) {
    const p = x + 4 * i;
    const a = i32x4.ne(v128.load(p), zero);
    const b = i32x4.ne(v128.load(p, 16), zero);
    const c = i32x4.ne(v128.load(p, 32), zero);
    const d = i32x4.ne(v128.load(p, 48), zero);
    v128.store(y + i, i8x16.neg(packBytes(a, b, c, d)));
  }
  for (; i < n; i++) store<u8>(y + i, load<i32>(x + 4 * i) != 0);
}

/** y[i] = x[i] != 0 for i < n: 0 or 1. `x` and `y` are u8[n] and may be the same array. */
export function castUint8ToBool(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) v128.store(y + i, i8x16.neg(i8x16.ne(v128.load(x + i), i8x16.splat(0))));
  for (; i < n; i++) store<u8>(y + i, load<u8>(x + i) != 0);
}
