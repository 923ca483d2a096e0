import type { Block } from "./backend/backend.ts";
import type { Device } from "./backend/device.ts";
import { bytesOf, type DType, type TypedArray, viewArray } from "./core/dtype.ts";
import { type Kernel, kernel } from "./core/kernel.ts";
import { numelOf, type Shape, stridesOf } from "./core/shape.ts";

const held = new WeakMap<Device, number>();

/** Bytes of a device that intermediate results hold, saved buffers included. */
export const heldBytes = (device: Device): number => held.get(device) ?? 0;

/**
 * Device bytes shared by arrays. Counted: every holder retains it once, and the last release returns the block to the pool.
 * `version` counts in-place changes, so that whoever saved the contents can tell that they moved on.
 */
export class Storage {
  readonly device: Device;
  readonly block: Block;
  version = 0;
  #holders = 1;
  #persistent = false;

  constructor(device: Device, bytes: number) {
    this.device = device;
    this.block = device.backend.allocate(bytes);
    held.set(device, heldBytes(device) + this.block.bytes);
  }

  /** Takes the bytes out of what counts against the device's budget: they belong to a parameter, a data set, the user. */
  persist(): void {
    if (this.#persistent) return;
    this.#persistent = true;
    held.set(this.device, heldBytes(this.device) - this.block.bytes);
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    if (!this.#persistent) held.set(this.device, heldBytes(this.device) - this.block.bytes);
    this.device.backend.free(this.block);
  }
}

/**
 * An n-dimensional array on a device: what operations compute with. No gradient, no lifetime of its own.
 * `strides` is undefined where the elements lie contiguous in row-major order, else in elements.
 */
export interface NdArray {
  readonly storage: Storage;
  /** First element, in elements. */
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly strides: readonly number[] | undefined;
}

/** The storages made since `collectTemporaries` began; undefined outside an operation. */
let temporaries: Storage[] | undefined;

/** Runs `work` and releases every array made inside it; what must outlive it is retained by `work` itself. */
export function collectTemporaries<T>(work: () => T): T {
  const outer = temporaries;
  const mine: Storage[] = [];
  temporaries = mine;
  try {
    return work();
  } finally {
    temporaries = outer;
    for (const storage of mine) storage.release();
  }
}

/** Runs `work` outside any operation: what it makes belongs to its caller. */
export function ownTemporaries<T>(work: () => T): T {
  const outer = temporaries;
  temporaries = undefined;
  try {
    return work();
  } finally {
    temporaries = outer;
  }
}

/** Keeps an array's memory until the running operation ends, whatever else is recycled meanwhile. */
export function hold(array: NdArray): NdArray {
  temporaries?.push(array.storage.retain());
  return array;
}

/** An array with undefined contents; inside an operation it ends with the operation unless retained. */
export function emptyArray(device: Device, shape: Shape, dtype: DType): NdArray {
  const storage = new Storage(device, numelOf(shape) * bytesOf(dtype));
  temporaries?.push(storage);
  return { storage, offset: 0, shape, dtype, strides: undefined };
}

/** The same elements under another shape; the array must be contiguous. */
export const viewAs = (array: NdArray, shape: Shape): NdArray => ({ ...array, shape });

const addressOf = (array: NdArray): number => array.storage.block.address + array.offset * bytesOf(array.dtype);

/** Queues a kernel on the arrays' device. */
export function run(
  kernel: Kernel,
  reads: readonly NdArray[],
  writes: readonly NdArray[],
  params: readonly number[],
): void {
  const { backend } = (writes[0] as NdArray).storage.device;
  backend.run(kernel, [...reads.map(addressOf), ...writes.map(addressOf)], params);
}

/** An array filled from host memory. */
export function upload(device: Device, data: TypedArray, shape: Shape, dtype: DType): NdArray {
  const array = emptyArray(device, shape, dtype);
  device.backend.write(array.storage.block, 0, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return array;
}

/** The elements of a contiguous array on the host; at once where the device can. */
export function download(array: NdArray): TypedArray | Promise<TypedArray> {
  const size = bytesOf(array.dtype);
  const n = numelOf(array.shape);
  const bytes = array.storage.device.backend.read(array.storage.block, array.offset * size, n * size);
  const view = (read: Uint8Array<ArrayBuffer>) => viewArray(array.dtype, read.buffer, read.byteOffset, n);
  return bytes instanceof Uint8Array ? view(bytes) : bytes.then(view);
}

const MAX_DIMS = 6;
const copySignature = {
  reads: ["x"],
  writes: ["y"],
  params: {
    ...Object.fromEntries(Array.from({ length: MAX_DIMS }, (_, d) => [`n${d}`, "u32" as const])),
    ...Object.fromEntries(Array.from({ length: MAX_DIMS }, (_, d) => [`s${d}`, "i32" as const])),
  },
};
export const stridedCopy: Kernel = kernel("stridedCopy", copySignature);
export const stridedCopyBytes: Kernel = kernel("stridedCopyBytes", copySignature);

/** Merges neighbouring dimensions that are walked as one, and drops those of size 1. */
function collapse(shape: Shape, strides: readonly number[]): { sizes: number[]; steps: number[] } {
  const sizes: number[] = [];
  const steps: number[] = [];
  shape.forEach((size, d) => {
    if (size === 1) return;
    const stride = strides[d] as number;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === stride * size) {
      sizes[last] = (sizes[last] as number) * size;
      steps[last] = stride;
    } else {
      sizes.push(size);
      steps.push(stride);
    }
  });
  return { sizes, steps };
}

/** A contiguous copy of `x` walked with the given strides (0 repeats) over `shape`. */
export function copyStrided(x: NdArray, shape: Shape, strides: readonly number[]): NdArray {
  const y = emptyArray(x.storage.device, shape, x.dtype);
  const { sizes, steps } = collapse(shape, strides);
  const pad = MAX_DIMS - sizes.length;
  if (pad < 0) return copyStridedOuter(x, y, shape, strides);
  const copy = bytesOf(x.dtype) === 1 ? stridedCopyBytes : stridedCopy;
  run(copy, [x], [y], [...Array(pad).fill(1), ...sizes, ...Array(pad).fill(0), ...steps]);
  return y;
}

/** More than six walked dimensions: one copy for each index of the outermost. */
function copyStridedOuter(x: NdArray, y: NdArray, shape: Shape, strides: readonly number[]): NdArray {
  const [outer = 1, ...inner] = shape;
  const [step = 0, ...innerStrides] = strides;
  const n = numelOf(inner);
  for (let i = 0; i < outer; i++) {
    const part = copyStrided({ ...x, offset: x.offset + i * step }, inner, innerStrides);
    const ones = Array(MAX_DIMS - 1);
    const copy = bytesOf(x.dtype) === 1 ? stridedCopyBytes : stridedCopy;
    run(copy, [part], [{ ...y, offset: i * n }], [...ones.fill(1), n, ...ones.fill(0), 1]);
  }
  return y;
}

/** `x` itself where its elements lie in order, else a contiguous copy. */
export const contiguous = (x: NdArray): NdArray => (x.strides === undefined ? x : copyStrided(x, x.shape, x.strides));

/** `x` repeated to `shape`, to which its own shape must broadcast. */
export function broadcastArray(x: NdArray, shape: Shape): NdArray {
  const own = x.strides ?? stridesOf(x.shape);
  const shift = shape.length - x.shape.length;
  const strides = shape.map((_, d) => (d < shift || x.shape[d - shift] === 1 ? 0 : (own[d - shift] as number)));
  return copyStrided(x, shape, strides);
}
