import type { Copy } from "./commands.ts";
import type { GpuBlock } from "./pool.ts";

/** The least size of a buffer for reading: many small reads share one. */
const CHUNK = 65536;
/** Buffers that wait for the next reads. */
const MAX_SPARE = 4;
const USAGE = { mapRead: 0x1, copyTarget: 0x8 };
const READ = 1;

interface Request {
  readonly start: number;
  readonly end: number;
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (reason: unknown) => void;
}

interface Chunk {
  readonly buffer: GPUBuffer;
  readonly size: number;
  readonly requests: Request[];
  used: number;
}

/**
 * Reads of device memory. Those that are asked for in one turn share a buffer and are waited for once: a wait costs up to 11 ms
 * (Deno polls the device about that often), whatever its size.
 */
export class Readback {
  /** Buffers mapped so far, for tests of what training reads. */
  maps = 0;
  readonly #device: GPUDevice;
  readonly #spare: Chunk[] = [];
  #asked: Chunk[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** True while requests wait for `collect`. */
  get isWaiting(): boolean {
    return this.#asked.length > 0;
  }

  /** Makes room for a read, and tells the copy to queue; `collect` settles the promise. */
  request(block: GpuBlock, offset: number, bytes: number): { copy: Copy; bytes: Promise<Uint8Array<ArrayBuffer>> } {
    // Copies go by whole words; what was asked for may begin and end inside one.
    const skip = offset % 4;
    const size = Math.ceil((skip + bytes) / 4) * 4;
    const chunk = this.#room(size);
    const at = chunk.used;
    chunk.used += size;
    const promise = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      chunk.requests.push({ start: at + skip, end: at + skip + bytes, resolve, reject });
    });
    const copy = {
      source: block.buffer,
      from: block.address + offset - skip,
      target: chunk.buffer,
      to: at,
      bytes: size,
    };
    return { copy, bytes: promise };
  }

  /** Waits for what was asked for so far, all of which has been submitted. `wait` races a promise against the device's loss. */
  async collect(wait: <T>(promise: Promise<T>) => Promise<T>): Promise<void> {
    const chunks = this.#asked;
    this.#asked = [];
    await Promise.all(chunks.map((chunk) => this.#settle(chunk, wait)));
  }

  async #settle(chunk: Chunk, wait: <T>(promise: Promise<T>) => Promise<T>): Promise<void> {
    const requests = chunk.requests.splice(0);
    this.maps++;
    try {
      await wait(chunk.buffer.mapAsync(READ, 0, chunk.used));
      const bytes = new Uint8Array(chunk.buffer.getMappedRange(0, chunk.used));
      const parts = requests.map(({ start, end }) => bytes.slice(start, end));
      chunk.buffer.unmap();
      chunk.used = 0;
      if (chunk.size === CHUNK && this.#spare.length < MAX_SPARE) this.#spare.push(chunk);
      else chunk.buffer.destroy();
      requests.forEach(({ resolve }, i) => {
        resolve(parts[i] as Uint8Array<ArrayBuffer>);
      });
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }

  #room(bytes: number): Chunk {
    const last = this.#asked.at(-1);
    if (last && last.used + bytes <= last.size) return last;
    const spare = bytes <= CHUNK ? this.#spare.pop() : undefined;
    const chunk = spare ?? this.#create(Math.max(bytes, CHUNK));
    this.#asked.push(chunk);
    return chunk;
  }

  #create(size: number): Chunk {
    const buffer = this.#device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
    return { buffer, size, requests: [], used: 0 };
  }
}
