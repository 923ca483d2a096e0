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
 * The list holds flat numbers (function, count, arguments …), which is also what other threads could read.
 */
export class CpuBackend implements Backend {
  readonly budget: number;
  readonly readsAtOnce = true;
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly pool: Pool;
  readonly #functions: ((...args: number[]) => number)[] = [];
  readonly #indices = new Map<Kernel, number>();
  readonly #list: number[] = [];
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
    this.#run();
    this.#view().set(bytes, block.address + offset);
  }

  read(block: Block, offset: number, bytes: number): Uint8Array<ArrayBuffer> {
    this.#run();
    return this.#view().slice(block.address + offset, block.address + offset + bytes);
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    const list = this.#list;
    list.push(this.#indexOf(kernel), blocks.length + params.length + (kernel.workspace ? 1 : 0));
    for (const { address } of blocks) list.push(address);
    if (kernel.workspace) list.push(WORKSPACE);
    for (const value of params) list.push(value);
    if (++this.#queued >= MAX_QUEUED) this.#run();
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

  #run(): void {
    const list = this.#list;
    if (list.length === 0) return;
    try {
      for (let i = 0; i < list.length; ) {
        const count = list[i + 1] as number;
        callFrom(this.#functions[list[i] as number] as (...args: number[]) => number, list, i + 2, count);
        i += 2 + count;
      }
    } finally {
      list.length = 0;
      this.#queued = 0;
    }
  }
}
