import type { Block } from "./backend/backend.ts";
import type { Device } from "./backend/device.ts";
import { bytesOf, CLASSES, type DType, type TypedArray } from "./core/dtype.ts";
import { TorchletError } from "./core/errors.ts";
import { type Kernel, kernel } from "./core/kernel.ts";
import { numelOf, type Shape, stridesOf } from "./core/shape.ts";

/**
 * Device bytes shared by arrays. Counted: every holder retains it once, and the last release returns the block to the pool.
 * `version` counts in-place changes, so that whoever saved the contents can tell that they moved on.
 */
export class Storage {
  readonly device: Device;
  readonly block: Block;
  version = 0;
  readonly #generation: number;
  readonly #whole: Storage | undefined;
  #holders = 1;
  #persistent: boolean;

  private constructor(device: Device, block: Block, whole: Storage | undefined) {
    this.device = device;
    this.block = block;
    this.#generation = device.generation;
    this.#whole = whole;
    this.#persistent = whole !== undefined;
  }

  /** Room for `bytes` bytes, contents undefined. @throws OutOfMemoryError */
  static allocate(device: Device, bytes: number): Storage {
    const storage = new Storage(device, device.backend.allocate(bytes), undefined);
    device.heldBytes += storage.block.bytes;
    return storage;
  }

  /** `bytes` bytes from `offset` on, a multiple of `PART_ALIGN`, with holders and a version of their own. */
  part(offset: number, bytes: number): Storage {
    return new Storage(this.device, this.device.backend.part(this.block, offset, bytes), this.retain());
  }

  /** True once the device that held the bytes was lost, whatever stands in for it by now. */
  get isLost(): boolean {
    return this.#generation !== this.device.generation || this.device.isLost;
  }

  /** True while more than one holder retains it. */
  get isShared(): boolean {
    return this.#holders > 1;
  }

  /** Takes the bytes out of what counts against the device's budget: they belong to a parameter, a data set, the user. */
  persist(): this {
    if (!this.#persistent && !this.isLost) this.device.heldBytes -= this.block.bytes;
    this.#persistent = true;
    return this;
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    if (this.#whole) this.#whole.release();
    else if (!this.isLost) {
      if (!this.#persistent) this.device.heldBytes -= this.block.bytes;
      this.device.backend.free(this.block);
    }
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

/** What the running operations made, those of the innermost last. */
const temporaries: Storage[] = [];
/** How many operations run, one inside the other. */
let running = 0;

/** Begins an operation: whatever it makes is its own until `endTemporaries` is given what this returns. */
export function beginTemporaries(): number {
  running++;
  return temporaries.length;
}

/** Ends an operation and releases what it made; what outlives it was retained. */
export function endTemporaries(from: number): void {
  running--;
  while (temporaries.length > from) (temporaries.pop() as Storage).release();
}

/** Runs `work` and releases every array made inside it; what must outlive it is retained by `work` itself. */
export function collectTemporaries<T>(work: () => T): T {
  const from = beginTemporaries();
  try {
    return work();
  } finally {
    endTemporaries(from);
  }
}

/** What a source makes on a device, outside any operation: it belongs to whoever asks. */
export function makeOwn(source: { make(device: Device): NdArray }, device: Device): NdArray {
  const outer = running;
  running = 0;
  try {
    return source.make(device);
  } finally {
    running = outer;
  }
}

/** Keeps an array's memory until the running operation ends, whatever else is recycled meanwhile. */
export function hold(array: NdArray): NdArray {
  if (running > 0) temporaries.push(array.storage.retain());
  return array;
}

/** An array with undefined contents; inside an operation it ends with the operation unless retained. */
export function emptyArray(device: Device, shape: Shape, dtype: DType): NdArray {
  const storage = Storage.allocate(device, numelOf(shape) * bytesOf(dtype));
  if (running > 0) temporaries.push(storage);
  return { storage, offset: 0, shape, dtype, strides: undefined };
}

/** An array beside `x`, on its device, with undefined contents, as PyTorch's `x.new_empty`; it ends as `emptyArray`'s does. */
export const newEmpty = (x: NdArray, shape: Shape = x.shape, dtype: DType = "float32"): NdArray =>
  emptyArray(x.storage.device, shape, dtype);

/** The same elements under another shape; the array must be contiguous. */
export const viewAs = ({ storage, offset, dtype, strides }: NdArray, shape: Shape): NdArray => {
  return { storage, offset, shape, dtype, strides };
};

/** A whole array's memory. Kernels that can begin inside an array take the first element as a parameter. */
function blockOf({ storage, offset }: NdArray): Block {
  if (offset !== 0) throw new TorchletError("run: expected an array that begins its storage");
  return storage.block;
}

/** Queues a kernel on its arrays' device: those it reads, those it writes, then its scalars, in the order of its signature. */
export function run(kernel: Kernel, arrays: readonly NdArray[], ...params: readonly number[]): void {
  const { backend } = (arrays[0] as NdArray).storage.device;
  const blocks = new Array<Block>(arrays.length);
  for (let i = 0; i < arrays.length; i++) blocks[i] = blockOf(arrays[i] as NdArray);
  backend.run(kernel, blocks, params);
}

/** An array filled from host memory. */
export function upload(device: Device, data: TypedArray, shape: Shape, dtype: DType): NdArray {
  const array = emptyArray(device, shape, dtype);
  device.backend.write(array.storage.block, 0, data);
  return array;
}

/** The elements in row-major order on the host, a copy; at once where the device can. */
export function download(array: NdArray): TypedArray | Promise<TypedArray> {
  const from = beginTemporaries();
  try {
    const { storage, offset, shape, dtype } = contiguous(array);
    return storage.device.backend.read(storage.block, offset * bytesOf(dtype), numelOf(shape), CLASSES[dtype]);
  } finally {
    endTemporaries(from);
  }
}

const MAX_DIMS = 6;
const copySignature = {
  reads: ["x"],
  writes: ["y"],
  params: {
    xStart: "u32" as const,
    yStart: "u32" as const,
    ...Object.fromEntries(Array.from({ length: MAX_DIMS }, (_, d) => [`n${d}`, "u32" as const])),
    ...Object.fromEntries(Array.from({ length: MAX_DIMS }, (_, d) => [`s${d}`, "i32" as const])),
  },
};
const elementsCopied = (params: readonly number[]): number =>
  params.slice(2, 2 + MAX_DIMS).reduce((n, size) => n * size);

export const stridedCopy: Kernel = kernel("stridedCopy", { ...copySignature, threads: elementsCopied });
export const stridedCopyBytes: Kernel = kernel("stridedCopyBytes", {
  ...copySignature,
  // One invocation for each word of four bytes; the copy may begin inside one.
  threads: (params) => Math.ceil((((params[1] as number) % 4) + elementsCopied(params)) / 4),
});

/** Copies elements of `x`, walked over `sizes` in `steps` of elements, to those of `y` in order; at most six dimensions. */
function runCopy(x: NdArray, y: NdArray, sizes: readonly number[], steps: readonly number[]): void {
  const pad = MAX_DIMS - sizes.length;
  const walk = [...Array(pad).fill(1), ...sizes, ...Array(pad).fill(0), ...steps];
  const copy = bytesOf(x.dtype) === 1 ? stridedCopyBytes : stridedCopy;
  // The kernels count from the start of the storage: not every device can bind a buffer from any element on.
  const arrays = [x, y].map((array) => ({ ...array, offset: 0 }));
  run(copy, arrays, x.offset, y.offset, ...walk);
}

/** Copies `n` elements that lie contiguous in both arrays. */
export const copyElements = (from: NdArray, to: NdArray, n: number): void => runCopy(from, to, [n], [1]);

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
  const y = newEmpty(x, shape, x.dtype);
  const { sizes, steps } = collapse(shape, strides);
  if (sizes.length > MAX_DIMS) return copyStridedOuter(x, y, shape, strides);
  runCopy(x, y, sizes, steps);
  return y;
}

/** More than six walked dimensions: one copy for each index of the outermost. */
function copyStridedOuter(x: NdArray, y: NdArray, shape: Shape, strides: readonly number[]): NdArray {
  const [outer = 1, ...inner] = shape;
  const [step = 0, ...innerStrides] = strides;
  const n = numelOf(inner);
  for (let i = 0; i < outer; i++) {
    const part = copyStrided({ ...x, offset: x.offset + i * step }, inner, innerStrides);
    copyElements(part, { ...y, offset: i * n }, n);
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
