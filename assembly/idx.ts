import { loadBytes } from "./vector";

const TOO_SHORT: u32 = 1;
const BAD_MAGIC: u32 = 2;
const BAD_TYPE: u32 = 3;
const BAD_RANK: u32 = 4;
const TOO_LARGE: u32 = 5;
const TRUNCATED: u32 = 6;
const OVERSIZED: u32 = 7;

const MAX_RANK: u32 = 8;
// One below the largest u32: a host that clamps a longer file's length to 2^32 - 1 then never sees it taken as exact.
const MAX_BYTES: u64 = 0xfffffffe;

/** Bytes of one element of an IDX type, 0 for a type that IDX does not have. */
function elementBytes(type: u32): u32 {
  if (type == 0x08 || type == 0x09) return 1;
  if (type == 0x0b) return 2;
  if (type == 0x0c || type == 0x0d) return 4;
  return type == 0x0e ? 8 : 0;
}

/** Writes u32[12] at `out` but for the type: dimensions, element count, data offset. Returns the file's length, 0 if too large. */
function idxLayout(bytes: usize, ndim: u32, size: u32, out: usize): u64 {
  let count: u64 = 1;
  let extent: u64 = 1; // the count with empty dimensions taken as 1, so that their place among huge ones does not matter
  for (let d: u32 = 0; d < MAX_RANK; d++) {
    const dim = d < ndim ? bswap<u32>(load<u32>(bytes + 4 + 4 * d)) : 0;
    store<u32>(out + 8 + 4 * d, dim);
    if (d >= ndim) continue;
    count *= dim;
    if (dim != 0) extent *= dim;
    if (extent > MAX_BYTES) return 0;
  }
  const dataOffset = 4 + 4 * ndim;
  if (extent * size + dataOffset > MAX_BYTES) return 0;
  store<u32>(out + 4, ndim);
  store<u32>(out + 40, <u32>count);
  store<u32>(out + 44, dataOffset);
  return count * size + dataOffset;
}

/**
 * Checks the header of an IDX file of `length` bytes and writes u32[12] to `out`: type, ndim, dims[8] (0 past ndim),
 * element count, data offset. Reads the header alone: min(length, 36) bytes at `bytes` are enough.
 *
 * Returns 0, or the first broken rule: 1 the header is cut short, 2 bytes 0 and 1 are not zero, 3 unknown type,
 * 4 rank outside 1…8, 5 sizes that need 2^32 - 1 bytes or more, 6 fewer bytes than the sizes need, 7 more bytes.
 * `out` is complete for 0, 6 and 7 and means nothing otherwise.
 */
export function idxHeader(bytes: usize, length: u32, out: usize): u32 {
  if (length < 4) return TOO_SHORT;
  if (load<u16>(bytes) != 0) return BAD_MAGIC;
  const type = <u32>load<u8>(bytes, 2);
  const size = elementBytes(type);
  if (size == 0) return BAD_TYPE;
  const ndim = <u32>load<u8>(bytes, 3);
  if (ndim < 1 || ndim > MAX_RANK) return BAD_RANK;
  if (length < 4 + 4 * ndim) return TOO_SHORT;
  const total = idxLayout(bytes, ndim, size, out);
  if (total == 0) return TOO_LARGE;
  store<u32>(out, type);
  if (length < total) return TRUNCATED;
  return length > total ? OVERSIZED : 0;
}

/** y[i] = x[i] for i < n. `x` and `y` are u8[n] and may overlap. */
export function idxUint8(x: usize, y: usize, n: u32): void {
  memory.copy(y, x, n);
}

/** y[i] = x[i] for i < n. `x` is i8[n], `y` is i32[n]; they do not overlap. */
export function idxInt8(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 8 <= n; i += 8) {
    const words = v128.load8x8_s(x + i);
    v128.store(y + 4 * i, i32x4.extend_low_i16x8_s(words));
    v128.store(y + 4 * i, i32x4.extend_high_i16x8_s(words), 16);
  }
  for (; i < n; i++) store<i32>(y + 4 * i, load<i8>(x + i));
}

/** y[i] = x[i] for i < n. `x` is big-endian i16[n], `y` is i32[n]; they do not overlap. */
export function idxInt16(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 8 <= n; i += 8) {
    const file = v128.load(x + 2 * i);
    const words = i8x16.shuffle(file, file, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    v128.store(y + 4 * i, i32x4.extend_low_i16x8_s(words));
    v128.store(y + 4 * i, i32x4.extend_high_i16x8_s(words), 16);
  }
  for (; i < n; i++) store<i32>(y + 4 * i, bswap<i16>(load<i16>(x + 2 * i)));
}

/** y[i] = x[i] for i < n. `x` is big-endian i32[n], `y` is i32[n]; they may be the same array. */
export function idxInt32(x: usize, y: usize, n: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= n; i += 4) {
    const file = v128.load(x + 4 * i);
    v128.store(y + 4 * i, i8x16.shuffle(file, file, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  for (; i < n; i++) store<u32>(y + 4 * i, bswap<u32>(load<u32>(x + 4 * i)));
}

/** y[i] = x[i] for i < n. `x` is big-endian f32[n], `y` is f32[n]; they may be the same array. Every bit stays, NaN's too. */
export function idxFloat32(x: usize, y: usize, n: u32): void {
  idxInt32(x, y, n); // never as floats: an engine may change the bits of a NaN that passes through a float register
}

/** y[i] = x[i] to the nearest f32, ties to even, for i < n. `x` is big-endian f64[n], `y` is f32[n]; they may start together. */
export function idxFloat64(x: usize, y: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    const value = reinterpret<f64>(bswap<u64>(load<u64>(x + 8 * i)));
    // WebAssembly leaves the bits of a rounded NaN open; a constant is the same in every engine.
    store<f32>(y + 4 * i, value == value ? <f32>value : <f32>NaN);
  }
}

/** y[i] = x[i] / 255 for i < n, correctly rounded like PyTorch's ToTensor. `x` is u8[n], `y` is f32[n]; they do not overlap. */
export function bytesToFloat(x: usize, y: usize, n: u32): void {
  const scale = f32x4.splat(255); // a product with 1/255 would differ in the last bit for 126 of the 256 bytes
  let i: u32 = 0;
  for (; i + 16 <= n; i += 16) {
    const out = y + 4 * i;
    v128.store(out, f32x4.div(f32x4.convert_i32x4_s(loadBytes(x + i)), scale));
    v128.store(out, f32x4.div(f32x4.convert_i32x4_s(loadBytes(x + i + 4)), scale), 16);
    v128.store(out, f32x4.div(f32x4.convert_i32x4_s(loadBytes(x + i + 8)), scale), 32);
    v128.store(out, f32x4.div(f32x4.convert_i32x4_s(loadBytes(x + i + 12)), scale), 48);
  }
  for (; i < n; i++) store<f32>(y + 4 * i, <f32>load<u8>(x + i) / <f32>255);
}
