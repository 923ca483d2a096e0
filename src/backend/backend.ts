import type { Kernel } from "../core/kernel.ts";

/** A piece of device memory. `bytes` is what the device set aside, at least what was asked for. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
}

/**
 * What a device can do: hold bytes and run kernels. It knows no tensors, shapes or mathematics.
 * Kernels run in the order of `run`, so a block that was freed may be handed out again at once.
 */
export interface Backend {
  /** Bytes that intermediate results may hold before the oldest are recycled. */
  readonly budget: number;
  /** Room for `bytes` bytes, contents undefined. @throws OutOfMemoryError */
  allocate(bytes: number): Block;
  free(block: Block): void;
  /** Copies host bytes into a block, after the kernels queued so far. */
  write(block: Block, offset: number, bytes: Uint8Array): void;
  /** Copies bytes out, after the kernels queued so far; at once where the device can. */
  read(block: Block, offset: number, bytes: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  /** Queues a kernel. `buffers` holds a byte address for each of its buffers, reads before writes. */
  run(kernel: Kernel, buffers: readonly number[], params: readonly number[]): void;
  /** Resolves when the device can take more work; throws what a kernel reported. */
  flush(): Promise<void> | undefined;
}
