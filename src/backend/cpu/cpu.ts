import { DeviceError, OutOfMemoryError } from "../../core/errors.ts";
import type { Kernel } from "../../core/kernel.ts";
import type { Backend, Block } from "../backend.ts";
import { callFrom } from "./call.ts";
import type { Exports } from "./module.ts";
import { Pool } from "./pool.ts";

/** The first 64 KiB belong to the module's constants; then comes the workspace of `assembly/gemm.ts`: panel, block, lists. */
export const WORKSPACE = 65536;
export const WORKSPACE_BYTES: number = 16384 + 1024 + 524288 + 1024;
const MAX_PAGES = 65536;
/** Queued commands that run at once: enough to fill a step's list, few enough to hold memory and latency down. */
const MAX_QUEUED = 512;
/** Host bytes that are queued with the commands; more are written at once, when those before them have run. */
const MAX_WRITE_BYTES = 4096;
/** In the place of a function's number: what follows are an address, a count of bytes, and the bytes. */
const WRITE = -1;

/** The largest memory the engine grants, asked for in falling sizes. */
export function createMemory(
  most: number = MAX_PAGES,
  shared = false,
): { memory: WebAssembly.Memory; maximumPages: number } {
  for (let maximumPages = most; maximumPages >= 1024; maximumPages >>= 2)
    try {
      return { memory: new WebAssembly.Memory({ initial: 64, maximum: maximumPages, shared }), maximumPages };
    } catch {
      // The engine refuses to reserve that much; a quarter may do.
    }
  throw new OutOfMemoryError("cpu: the engine grants no WebAssembly memory of 64 MiB");
}

/**
 * The AssemblyScript module as a device: one memory, one list of commands, run in order on this thread.
 * The list holds flat numbers: function, count, arguments …; and small writes, so that neither a step nor an evaluation's batch is
 * run in pieces, each of which would push the other's code and data out of the caches.
 */
export class CpuBackend implements Backend {
  readonly budget: number;
  readonly readsAtOnce = true;
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly pool: Pool;
  readonly #functions: ((...args: number[]) => number)[] = [];
  readonly #indices = new Map<Kernel, number>();
  #list = new Float64Array(2048);
  #end = 0;
  #queued = 0;
  #bytes = new Uint8Array();

  constructor(exports: Exports, memory: WebAssembly.Memory, maximumPages: number = MAX_PAGES) {
    this.exports = exports;
    this.memory = memory;
    this.pool = new Pool(memory, WORKSPACE + WORKSPACE_BYTES);
    this.budget = (maximumPages * 65536) / 8;
  }

  allocate(bytes: number): Block {
    return this.pool.allocate(bytes);
  }

  free(block: Block): void {
    this.pool.free(block);
  }

  part(block: Block, offset: number, bytes: number): Block {
    return { address: block.address + offset, bytes };
  }

  write(block: Block, offset: number, bytes: Uint8Array): void {
    const address = block.address + offset;
    if (bytes.length > MAX_WRITE_BYTES) {
      this.#run();
      this.#view().set(bytes, address);
      return;
    }
    const at = this.#begin(WRITE, 2 + Math.ceil(bytes.length / 8));
    this.#list[at] = address;
    this.#list[at + 1] = bytes.length;
    this.#bytesOfList(at + 2, bytes.length).set(bytes);
  }

  read(block: Block, offset: number, bytes: number): Uint8Array<ArrayBuffer> {
    this.#run();
    return this.#view().slice(block.address + offset, block.address + offset + bytes);
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    let at = this.#begin(this.#indexOf(kernel), blocks.length + params.length + (kernel.workspace ? 1 : 0));
    const list = this.#list;
    for (const { address } of blocks) list[at++] = address;
    if (kernel.workspace) list[at++] = WORKSPACE;
    for (let i = 0; i < params.length; i++) list[at++] = params[i] as number;
  }

  flush(): undefined {
    this.#run();
  }

  /** The memory as it is: growing it makes another buffer. */
  #view(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  #indexOf(kernel: Kernel): number {
    const known = this.#indices.get(kernel);
    if (known !== undefined) return known;
    const found = this.exports[kernel.name];
    if (found === undefined)
      throw new DeviceError(`cpu: the kernels export no ${kernel.name}; they are of another version`);
    const index = this.#functions.push(found) - 1;
    this.#indices.set(kernel, index);
    return index;
  }

  /** One command more, of `count` numbers: where they go. */
  #begin(called: number, count: number): number {
    if (++this.#queued > MAX_QUEUED) this.#run();
    const at = this.#end + 2;
    this.#end = at + count;
    if (this.#end > this.#list.length) {
      const before = this.#list;
      this.#list = new Float64Array(2 * this.#end);
      this.#list.set(before);
    }
    this.#list[at - 2] = called;
    this.#list[at - 1] = count;
    return at;
  }

  /** Bytes in the place of numbers. */
  #bytesOfList(at: number, bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#list.buffer, 8 * at, bytes);
  }

  #run(): void {
    const list = this.#list;
    try {
      for (let i = 0; i < this.#end; ) {
        const called = list[i] as number;
        const count = list[i + 1] as number;
        if (called === WRITE) this.#view().set(this.#bytesOfList(i + 4, list[i + 3] as number), list[i + 2]);
        else callFrom(this.#functions[called] as (...args: number[]) => number, list, i + 2, count);
        i += 2 + count;
      }
    } finally {
      this.#end = 0;
      this.#queued = 0;
    }
  }
}
