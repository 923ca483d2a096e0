import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernels, put, reset, take } from "../support/kernels.ts";

const cast = suite("kernels/cast");
cast.before.each(reset);

type Arrays = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const SIZES = [0, 1, 3, 4, 5, 15, 16, 17, 65, 1000];
const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

// 33 floats and 29 integers: prime to 16, so in 1000 elements each value meets each lane.
const FLOATS = [
  0,
  -0,
  0.5,
  -0.5,
  0.99999994,
  -0.99999994,
  1.5,
  -1.5,
  2.5,
  127.9,
  128,
  255.9,
  256,
  300.7,
  -1,
  -300.2,
  NaN,
  -NaN,
].concat([
  Infinity,
  -Infinity,
  1e-45,
  -1e-45,
  1.1754942e-38,
  3e9,
  -3e9,
  2147483648,
  2147483520,
  -2147483648,
  -2147483904,
  1e38,
  -1e38,
  16777217,
  7,
]);
const INTS = [
  0, 1, -1, 127, 128, 255, 256, 257, -128, -255, -256, -257, 16777215, 16777216, 16777217, 16777219, -16777217,
].concat([
  33554434,
  33554438,
  65536,
  0x01000000,
  -0x01000000,
  INT_MAX,
  INT_MAX - 63,
  INT_MAX - 64,
  INT_MIN,
  INT_MIN + 1,
  123456789,
  -123456789,
]);

const floats = (n: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: n }, (_, i) => FLOATS[(i * 5 + n) % FLOATS.length] ?? 0);
const ints = (n: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: n }, (_, i) => INTS[(i * 5 + n) % INTS.length] ?? 0);
const bytes = (n: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: n }, (_, i) => (i * 37 + n + 255) & 255);

/** trunc, saturating at the ends of i32, 0 for NaN: what WebAssembly calls trunc_sat, in float64. */
const truncate = (x: number): number => (Number.isNaN(x) ? 0 : Math.min(INT_MAX, Math.max(INT_MIN, Math.trunc(x))) + 0);
const isTrue = (x: number): number => (x !== 0 ? 1 : 0);

/** Every cast: its input of n elements, the reference in float64, the output's type, and whether y may start where x does. */
const CASTS: [
  name: string,
  input: (n: number) => Arrays,
  reference: (x: number) => number,
  output: typeof Float32Array | typeof Int32Array | typeof Uint8Array,
  inPlace: boolean,
][] = [
  ["castUint8ToFloat32", bytes, (x) => x, Float32Array, false],
  ["castInt32ToFloat32", ints, Math.fround, Float32Array, true],
  ["castUint8ToInt32", bytes, (x) => x, Int32Array, false],
  ["castFloat32ToInt32", floats, truncate, Int32Array, true],
  ["castInt32ToUint8", ints, (x) => ((x % 256) + 256) % 256, Uint8Array, true],
  ["castFloat32ToUint8", floats, (x) => ((truncate(x) % 256) + 256) % 256, Uint8Array, true],
  ["castFloat32ToBool", floats, isTrue, Uint8Array, true],
  ["castInt32ToBool", ints, isTrue, Uint8Array, true],
  ["castUint8ToBool", bytes, isTrue, Uint8Array, true],
];

for (const [name, input, reference, output, inPlace] of CASTS) {
  const width = output.BYTES_PER_ELEMENT;

  cast(`${name} equals the float64 reference at every size and writes nothing behind it`, () => {
    for (const n of SIZES) {
      reset();
      const x = input(n);
      const y = put(new Uint8Array(n * width + 16).fill(0xee));
      kernels[name]!(put(x), y, n);
      const got: Arrays = take<Arrays>(output, y, n);
      for (let i = 0; i < n; i++)
        assert.ok(Object.is(got[i], reference(x[i]!)), `n ${n}, x ${x[i]}: ${got[i]}, not ${reference(x[i]!)}`);
      assert.equal([...take(Uint8Array, y + n * width, 16)], new Array<number>(16).fill(0xee));
    }
  });

  cast(`${name} gives an element the same bits wherever it stands`, () => {
    const x = input(65);
    const address = put(x);
    const whole = put(new Uint8Array(65 * width));
    const single = put(new Uint8Array(width));
    kernels[name]!(address, whole, 65);
    for (let i = 0; i < 65; i++) {
      kernels[name]!(address + i * x.BYTES_PER_ELEMENT, single, 1);
      assert.equal(take(Uint8Array, single, width), take(Uint8Array, whole + i * width, width));
    }
  });

  if (inPlace)
    cast(`${name} may write over its input`, () => {
      const x = input(65);
      const address = put(x);
      const apart = put(new Uint8Array(65 * width));
      kernels[name]!(address, apart, 65);
      kernels[name]!(address, address, 65);
      assert.equal(take(Uint8Array, address, 65 * width), take(Uint8Array, apart, 65 * width));
    });
}

cast("castFloat32ToInt32 saturates and takes NaN as 0 like WebAssembly's trunc_sat", () => {
  const x = put(Float32Array.of(NaN, Infinity, -Infinity, 3e9, -3e9, -1.9, 1.9));
  kernels.castFloat32ToInt32!(x, x, 7);
  assert.equal([...take(Int32Array, x, 7)], [0, INT_MAX, INT_MIN, INT_MAX, INT_MIN, -1, 1]);
});

cast("castInt32ToFloat32 rounds ties to even", () => {
  const x = put(Int32Array.of(16777217, 16777219, -16777217, INT_MAX));
  kernels.castInt32ToFloat32!(x, x, 4);
  assert.equal([...take(Float32Array, x, 4)], [16777216, 16777220, -16777216, 2147483648]);
});

cast("castFloat32ToUint8 truncates, then wraps", () => {
  const y = put(new Uint8Array(6));
  kernels.castFloat32ToUint8!(put(Float32Array.of(255.9, 256, 300.7, -1.5, -0.5, NaN)), y, 6);
  assert.equal([...take(Uint8Array, y, 6)], [255, 0, 44, 255, 0, 0]);
});

cast("castFloat32ToBool takes NaN and subnormals as true and -0 as false", () => {
  const x = put(Float32Array.of(NaN, 1e-45, -0, 0, Infinity));
  kernels.castFloat32ToBool!(x, x, 5);
  assert.equal([...take(Uint8Array, x, 5)], [1, 1, 0, 0, 1]);
});

cast.run();
