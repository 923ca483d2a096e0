import type { ArrayClass, TypedArray } from "../core/dtype.ts";
import type { Kernel } from "../core/kernel.ts";

/** A piece of device memory. `bytes` is what the device set aside, at least what was asked for. */
export interface Block {
  /** Where it begins, in bytes: in the device's memory, or in the buffer it is part of. */
  readonly address: number;
  readonly bytes: number;
}

/** Parts of a block begin at multiples of this many bytes. */
export const PART_ALIGN = 256;

/**
 * What a device can do: hold bytes and run kernels. It knows no tensors, shapes or mathematics.
 * Kernels run in the order of `run`, so a block that was freed may be handed out again at once.
 */
export interface Backend {
  /** Bytes that intermediate results may hold before the oldest are recycled. */
  readonly budget: number;
  /** True where `read` answers at once; else a read waits for the device, and nothing is read that nobody asked for. */
  readonly readsAtOnce: boolean;
  /** True once everything on the device is gone for good. */
  readonly isLost?: boolean;
  /** Room for `bytes` bytes, contents undefined. @throws OutOfMemoryError DeviceLostError */
  allocate(bytes: number): Block;
  free(block: Block): void;
  /** `bytes` bytes of a block from `offset` on, a multiple of `PART_ALIGN`, as a block of its own, which is never freed. */
  part(block: Block, offset: number, bytes: number): Block;
  /** Copies host elements into a block, from a byte on that is a multiple of their size, after the kernels queued so far. */
  write(block: Block, offset: number, data: TypedArray): void;
  /** Copies `n` elements of a class out, from such a byte on, after the kernels queued so far; at once where the device can. */
  read(block: Block, offset: number, n: number, Elements: ArrayClass): TypedArray | Promise<TypedArray>;
  /** Queues a kernel over its buffers, reads before writes. @throws DeviceLostError */
  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void;
  /** Ends what runs on the device's behalf; nothing can be done with it any more. */
  dispose?(): void;
  /** Hands over what is queued. Resolves when the device can take more work; throws what went wrong. */
  flush(): Promise<void> | undefined;
}
