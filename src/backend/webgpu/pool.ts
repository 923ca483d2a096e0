import { OutOfMemoryError, type TorchletError } from "../../core/errors.ts";
import type { Block } from "../backend.ts";

/** What a storage buffer may be bound at, and the least that is worth a buffer. */
const ALIGN = 256;
/** Freed bytes that wait for a request; beyond it the largest buffers are destroyed. */
const MAX_FREE = 256 << 20;

const BUFFER_USAGE = { storage: 0x80, copySource: 0x4, copyTarget: 0x8 };

/** Rounds up to one of four sizes per octave, so that a freed buffer serves most later requests. */
function sizeClass(bytes: number): number {
  const n = Math.max(bytes, ALIGN);
  const step = Math.max(2 ** (31 - Math.clz32(Math.min(n, 2 ** 31 - 1))) / 4, ALIGN);
  return Math.ceil(n / step) * step;
}

/** Takes an error scope that was popped, and how to say what it caught; whoever waits for the device next is told. */
export type WatchScope = (scope: Promise<GPUError | null>, say: (reason: string) => TorchletError) => void;

/** A buffer, or a part of one. */
export class GpuBlock implements Block {
  readonly buffer: GPUBuffer;
  /** Tells buffers apart, in the keys of bind groups. */
  readonly id: number;
  readonly address: number;
  readonly bytes: number;

  constructor(buffer: GPUBuffer, id: number, address: number, bytes: number) {
    this.buffer = buffer;
    this.id = id;
    this.address = address;
    this.bytes = bytes;
  }
}

/** Storage buffers of a device, reused by size. What is freed is handed out again at once: commands run in order. */
export class BufferPool {
  /** Buffers made and destroyed so far: their difference must not grow while a program does the same over and over. */
  created = 0;
  destroyed = 0;
  /** Bytes in blocks that are handed out. */
  used = 0;
  readonly #device: GPUDevice;
  readonly #watch: WatchScope;
  readonly #free = new Map<number, GpuBlock[]>();
  /** Buffers for which there was no room: whoever holds one may free it, but nobody is to get it again. */
  readonly #broken = new Set<GPUBuffer>();
  #freeBytes = 0;
  #ids = 0;

  /** @param watch hears of the scope in which a buffer was made: that there was no room the device says later */
  constructor(device: GPUDevice, watch: WatchScope) {
    this.#device = device;
    this.#watch = watch;
  }

  /** @throws OutOfMemoryError for more than the device's limits allow in one buffer */
  allocate(bytes: number): GpuBlock {
    const size = sizeClass(bytes);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    const fits = size <= most ? size : Math.ceil(bytes / 4) * 4;
    if (fits > most)
      throw new OutOfMemoryError(
        `webgpu: ${bytes} bytes for one tensor, but a buffer of this device holds at most ${most}; split the tensor or the batch, or use init({ device: "cpu" })`,
      );
    const waiting = this.#free.get(fits)?.pop();
    if (waiting) this.#freeBytes -= fits;
    const block = waiting ?? this.#create(fits);
    this.used += block.bytes;
    return block;
  }

  free(block: GpuBlock): void {
    this.used -= block.bytes;
    this.#freeBytes += block.bytes;
    if (this.#broken.delete(block.buffer)) {
      this.#destroy(block);
      return;
    }
    const list = this.#free.get(block.bytes);
    if (list) list.push(block);
    else this.#free.set(block.bytes, [block]);
  }

  /** Destroys what waits beyond the limit, the largest first; true if it did. Only when no list is pending. */
  trim(most: number = MAX_FREE): boolean {
    if (this.#freeBytes <= most) return false;
    for (const size of [...this.#free.keys()].sort((a, b) => b - a))
      for (const list = this.#free.get(size) ?? []; list.length > 0 && this.#freeBytes > most / 2; )
        this.#destroy(list.pop() as GpuBlock);
    return true;
  }

  #destroy(block: GpuBlock): void {
    block.buffer.destroy();
    this.#freeBytes -= block.bytes;
    this.destroyed++;
  }

  #create(size: number): GpuBlock {
    const { storage, copySource, copyTarget } = BUFFER_USAGE;
    this.#device.pushErrorScope("out-of-memory");
    const buffer = this.#device.createBuffer({ size, usage: storage | copySource | copyTarget });
    const block = new GpuBlock(buffer, ++this.#ids, 0, size);
    this.#watch(this.#device.popErrorScope(), (reason) => {
      this.#discard(block);
      return new OutOfMemoryError(
        `webgpu: the device has no room for ${size} bytes more beside ${this.used}: ${reason}; use a smaller batch, wrap evaluation in noGrad(), or dispose() of tensors you keep`,
      );
    });
    this.created++;
    return block;
  }

  /** Keeps a buffer for which there was no room from being handed out again, whether it has been freed by now or not. */
  #discard(block: GpuBlock): void {
    const waiting = this.#free.get(block.bytes) ?? [];
    const at = waiting.indexOf(block);
    if (at < 0) {
      this.#broken.add(block.buffer);
      return;
    }
    waiting.splice(at, 1);
    this.#destroy(block);
  }
}
