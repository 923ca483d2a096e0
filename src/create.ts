import { type Device, deviceOf } from "./backend/device.ts";
import { checkDType, type DType, hostArray, type TypedArray } from "./core/dtype.ts";
import { DTypeError, ShapeError } from "./core/errors.ts";
import { checkShape, numelOf, type Shape, showShape } from "./core/shape.ts";
import { hostSource } from "./evacuate.ts";
import { Tensor } from "./tensor.ts";

/**
 * How a tensor is made.
 *
 * @category Creation
 */
export interface TensorOptions {
  /** The element type; each function says what it is by default. */
  dtype?: DType;
  /** A device or its name; the one `init` chose by default. */
  device?: Device | string;
  /** Whether `backward` is to compute a gradient for it, float32 only; false by default. */
  requiresGrad?: boolean;
}

/**
 * A number or boolean, or arrays of them to any depth, all of one length at each depth.
 *
 * @category Creation
 */
export type Nested = number | boolean | readonly Nested[];

/** A data tensor over host memory: never stale, its device copy is made on use. */
export function hostTensor(host: TypedArray, shape: Shape, dtype: DType, device: Device): Tensor {
  return new Tensor({ shape, dtype, device, source: hostSource(host, shape, dtype) });
}

function finish(host: TypedArray, shape: Shape, dtype: DType, options: TensorOptions): Tensor {
  const made = hostTensor(host, shape, dtype, deviceOf(options.device));
  if (options.requiresGrad) made.requiresGrad = true;
  return made;
}

/**
 * A tensor from nested arrays of numbers or booleans, or from a typed array with its shape. Values are copied.
 * Numbers give float32, booleans bool (the first value decides); Float32Array, Int32Array and Uint8Array keep their dtype,
 * BigInt64Array becomes int32 where all values fit, others become float32. Towards integers values are truncated.
 *
 * @param data nested arrays, of the same length at each depth; or a typed array, row-major
 * @param options `shape` for typed arrays (one dimension by default), `dtype`, `device`, `requiresGrad`
 * @throws ShapeError for ragged arrays, or a shape that does not hold the elements
 * @throws DTypeError for values that are no numbers or do not fit the dtype, and for a gradient of integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.tensor.html
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]);                                        // float32 [2, 2]
 * tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2] });            // int32 [2, 2]
 * tensor([0.5, 1], { requiresGrad: true });                        // a leaf that backward fills
 * ```
 * @category Creation
 */
export function tensor(data: Nested | ArrayBufferView, options: TensorOptions & { shape?: Shape } = {}): Tensor {
  const typed = typeof data === "object" && ArrayBuffer.isView(data);
  const { values, shape } = typed ? typedValues(data, options.shape) : nestedValues(data as Nested, options.shape);
  const dtype = options.dtype === undefined ? dtypeOf(data, values) : checkDType(options.dtype);
  return finish(convert(values, dtype), shape, dtype, options);
}

function typedValues(
  data: ArrayBufferView,
  shape: Shape | undefined,
): { values: ArrayLike<number | boolean>; shape: Shape } {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return { values: Array.from(data, Number), shape: fit(shape ?? [data.length], data.length) };
  if (data instanceof DataView) throw new DTypeError("tensor: expected an array of numbers, got a DataView");
  const values = data as unknown as ArrayLike<number>;
  return { values, shape: fit(shape ?? [values.length], values.length) };
}

function fit(shape: Shape, n: number): Shape {
  if (numelOf(checkShape("tensor", shape)) !== n)
    throw new ShapeError(`tensor: shape ${showShape(shape)} holds ${numelOf(shape)} elements, the data has ${n}`);
  return [...shape];
}

function nestedValues(data: Nested, given: Shape | undefined): { values: (number | boolean)[]; shape: Shape } {
  const shape: number[] = [];
  for (let level: Nested | undefined = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: (number | boolean)[] = [];
  const walk = (level: Nested, depth: number): void => {
    if (Array.isArray(level)) {
      if (level.length !== shape[depth])
        throw new ShapeError(
          `tensor: ragged data: expected ${shape[depth] ?? "a number"} at depth ${depth}, got an array of ${level.length}`,
        );
      for (const item of level) walk(item, depth + 1);
    } else if (depth !== shape.length)
      throw new ShapeError(`tensor: ragged data: a single value stands where an array of ${shape[depth]} is expected`);
    else if (typeof level === "number" || typeof level === "boolean") values.push(level);
    else throw new DTypeError(`tensor: expected numbers or booleans, got ${level === null ? "null" : typeof level}`);
  };
  walk(data, 0);
  return { values, shape: given === undefined ? shape : fit(given, values.length) };
}

function dtypeOf(data: Nested | ArrayBufferView, values: ArrayLike<number | boolean>): DType {
  if (data instanceof Int32Array || data instanceof BigInt64Array) return "int32";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  return typeof values[0] === "boolean" ? "bool" : "float32";
}

const RANGE: Readonly<Record<"int32" | "uint8", readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
};

/** A host array of the dtype with the values, or DTypeError where one does not fit. */
function convert(values: ArrayLike<number | boolean>, dtype: DType): TypedArray {
  const host = hostArray(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (dtype === "bool") host[i] = value === 0 ? 0 : 1;
    else {
      if (dtype !== "float32") checkInteger(value, dtype);
      host[i] = value;
    }
  }
  return host;
}

function checkInteger(value: number, dtype: "int32" | "uint8"): void {
  const [least, most] = RANGE[dtype];
  if (!(value > least - 1 && value < most + 1))
    throw new DTypeError(`tensor: ${value} does not fit ${dtype}, whose range is [${least}, ${most}]`);
}

/**
 * Dimensions one by one or as an array, then options: `(2, 3)`, `(2, 3, { device })`, `([2, 3], { device })`. No dimension makes a
 * scalar.
 *
 * @category Creation
 */
export type SizeArguments<Options = TensorOptions> =
  | readonly [...sizes: number[]]
  | readonly [...sizes: number[], options: Options]
  | readonly [shape: Shape, options?: Options];

/** Splits `(2, 3, options)` and `([2, 3], options)` into shape and options. */
export function sizesAndOptions<Options>(
  operation: string,
  given: SizeArguments<Options>,
): { shape: Shape; options: Options | Record<string, never> } {
  const [first, ...rest] = given;
  const listed = Array.isArray(first);
  const numbers = listed ? (first as number[]) : given.filter((item): item is number => typeof item === "number");
  const last = listed ? rest[0] : given.at(-1);
  const options = typeof last === "object" && last !== null && !Array.isArray(last) ? (last as Options) : {};
  return { shape: [...checkShape(operation, numbers)], options };
}

/**
 * A tensor of `shape` whose elements are all `value`, float32 unless `dtype` says otherwise.
 *
 * @param shape sizes, outermost first; [] for a scalar
 * @param value towards integers truncated, towards bool `value ≠ 0`
 * @param options `dtype`, `device`, `requiresGrad`
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DTypeError if `value` does not fit the dtype
 * @throws DeviceError before `init`, and for a device that is not ready
 * @throws OutOfMemoryError if the host has no room
 * @see https://pytorch.org/docs/stable/generated/torch.full.html
 * @category Creation
 */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  const dtype = checkDType(options.dtype ?? "float32");
  const sizes = [...checkShape("full", shape)];
  if (dtype === "int32" || dtype === "uint8") checkInteger(value, dtype);
  return finish(
    hostArray(dtype, numelOf(sizes)).fill(dtype === "bool" ? Number(value !== 0) : value),
    sizes,
    dtype,
    options,
  );
}

/**
 * All zeros, float32 unless `dtype` says otherwise: `zeros(2, 3)` or `zeros([2, 3], options)`.
 *
 * @param sizes dimensions one by one or as an array, then options
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.zeros.html
 * @category Creation
 */
export function zeros(...sizes: SizeArguments): Tensor {
  const { shape, options } = sizesAndOptions("zeros", sizes);
  return full(shape, 0, options);
}

/**
 * All ones, float32 unless `dtype` says otherwise: `ones(2, 3)` or `ones([2, 3], options)`.
 *
 * @param sizes dimensions one by one or as an array, then options
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.ones.html
 * @category Creation
 */
export function ones(...sizes: SizeArguments): Tensor {
  const { shape, options } = sizesAndOptions("ones", sizes);
  return full(shape, 1, options);
}

/**
 * A tensor of which only shape and dtype count, for `nn.init` to fill; here its elements are zeros.
 *
 * @param sizes dimensions one by one or as an array, then options
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.empty.html
 * @category Creation
 */
export function empty(...sizes: SizeArguments): Tensor {
  const { shape, options } = sizesAndOptions("empty", sizes);
  return full(shape, 0, options);
}

/**
 * start, start + step, … before `end`, as int32 (float32 if a number is not whole): `arange(5)`, `arange(1, 5)`,
 * `arange(0, 1, 0.1)`. `start` is 0 and `step` 1 by default.
 *
 * @param given `end`, or `start` and `end`, or `start`, `end` and `step`, then options
 * @returns ⌈(end − start) / step⌉ elements
 * @throws RangeError for a zero step, one that leads away from `end`, or a number that is not finite
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.arange.html
 * @category Creation
 */
export function arange(
  ...given:
    | [end: number, options?: TensorOptions]
    | [start: number, end: number, options?: TensorOptions]
    | [start: number, end: number, step: number, options?: TensorOptions]
): Tensor {
  const numbers = given.filter((item): item is number => typeof item === "number");
  const options = given.find((item): item is TensorOptions => typeof item === "object") ?? {};
  const [start = 0, end = 0, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  if (
    !(Number.isFinite(start) && Number.isFinite(end) && Number.isFinite(step)) ||
    step === 0 ||
    (end - start) / step < 0
  )
    throw new RangeError(`arange: no finite way from ${start} to ${end} in steps of ${step}`);
  const dtype = checkDType(options.dtype ?? (numbers.every(Number.isInteger) ? "int32" : "float32"));
  const host = hostArray(dtype, Math.ceil((end - start) / step));
  for (let i = 0; i < host.length; i++) host[i] = start + i * step;
  return finish(host, [host.length], dtype, options);
}

/**
 * The matrix [n, m] with 1 on the diagonal and 0 elsewhere, float32 unless `dtype` says otherwise.
 *
 * @param n rows
 * @param m columns; as many as rows by default
 * @param options `dtype`, `device`, `requiresGrad`
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.eye.html
 * @category Creation
 */
export function eye(n: number, m: number = n, options: TensorOptions = {}): Tensor {
  const dtype = checkDType(options.dtype ?? "float32");
  const shape = checkShape("eye", [n, m]);
  const host = hostArray(dtype, n * m);
  for (let i = 0; i < Math.min(n, m); i++) host[i * m + i] = 1;
  return finish(host, [...shape], dtype, options);
}
