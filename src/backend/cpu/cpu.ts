import { type ArrayClass, CLASSES, type TypedArray } from "../../core/dtype.ts";
import { OutOfMemoryError } from "../../core/errors.ts";
import { type Kernel, numberOf } from "../../core/kernel.ts";
import type { Backend, Block } from "../backend.ts";
import { callFrom } from "./call.ts";
import { type Exports, exportOf } from "./module.ts";
import { Pool } from "./pool.ts";

/** The first 64 KiB belong to the module's constants; then comes the workspace of `assembly/gemm.ts`: panel, block, lists, turned. */
export const WORKSPACE = 65536;
export const WORKSPACE_BYTES: number = 16384 + 1024 + 526400 + 16384;
const MAX_PAGES = 65536;
/** Queued commands that run at once: enough to fill a step's list, few enough to hold memory and latency down. */
const MAX_QUEUED = 512;
/** Host elements that are queued with the commands; more are written at once, when those before them have run. */
const MAX_WRITTEN = 1024;
/** So few elements are copied out one by one: `slice` looks for subclasses first. */
const FEW = 64;
/** In the place of a function's number, less a class's: what follows are the place among such elements, and the elements. */
const WRITE = -1;
const KINDS: readonly ArrayClass[] = Object.values(CLASSES);

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
  /** By the kernels' numbers. */
  readonly #functions: ((...args: number[]) => number)[] = [];
  #list = new Float64Array(2048);
  #end = 0;
  #queued = 0;
  readonly #views = new Map<ArrayClass, TypedArray>();

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

  write(block: Block, offset: number, data: TypedArray): void {
    const address = block.address + offset;
    const known = KINDS.findIndex((Elements) => data instanceof Elements);
    // Arrays of another realm are written as what they are: bytes.
    if (known < 0 || data.length > MAX_WRITTEN) {
      this.#run();
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.#view(Uint8Array, address + bytes.length).set(bytes, address);
      return;
    }
    let at = this.#begin(WRITE - known, 1 + data.length);
    this.#list[at++] = address / data.BYTES_PER_ELEMENT;
    for (let i = 0; i < data.length; i++) this.#list[at++] = data[i] as number;
  }

  read(block: Block, offset: number, n: number, Elements: ArrayClass): TypedArray {
    this.#run();
    const place = (block.address + offset) / Elements.BYTES_PER_ELEMENT;
    const view = this.#view(Elements, place + n);
    if (n > FEW) return view.slice(place, place + n);
    const copy = new Elements(n);
    for (let i = 0; i < n; i++) copy[i] = view[place + i] as number;
    return copy;
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    const number = numberOf(kernel);
    this.#functions[number] ??= exportOf(this.exports, kernel.name);
    let at = this.#begin(number, blocks.length + params.length + (kernel.workspace ? 1 : 0));
    const list = this.#list;
    for (const { address } of blocks) list[at++] = address;
    if (kernel.workspace) list[at++] = WORKSPACE;
    list.set(params, at); // element by element V8 would turn the whole numbers of each list into doubles first
  }

  flush(): undefined {
    this.#run();
  }

  /** The memory as elements of a class, so many at least: growing it makes another buffer, and empties the views of the last. */
  #view(Elements: ArrayClass, length: number): TypedArray {
    const known = this.#views.get(Elements);
    if (known && length <= known.length) return known;
    const { buffer } = this.memory;
    const view = new Elements(buffer, 0, buffer.byteLength / Elements.BYTES_PER_ELEMENT);
    this.#views.set(Elements, view);
    return view;
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

  #run(): void {
    const list = this.#list;
    try {
      for (let i = 0; i < this.#end; ) {
        const called = list[i] as number;
        const count = list[i + 1] as number;
        if (called <= WRITE) {
          const place = list[i + 2] as number;
          const view = this.#view(KINDS[WRITE - called] as ArrayClass, place + count - 1);
          for (let k = 1; k < count; k++) view[place + k - 1] = list[i + 2 + k] as number;
        } else callFrom(this.#functions[called] as (...args: number[]) => number, list, i + 2, count);
        i += 2 + count;
      }
    } finally {
      this.#end = 0;
      this.#queued = 0;
    }
  }
}
