import { type ArrayClass, CLASSES, type TypedArray } from "../../core/dtype.ts";
import { OutOfMemoryError } from "../../core/errors.ts";
import { type Kernel, numberOf } from "../../core/kernel.ts";
import type { Backend, Block } from "../backend.ts";
import { type Exports, exportOf } from "./module.ts";
import { Pool } from "./pool.ts";

/** The first 64 KiB belong to the module's constants; then comes the workspace of `assembly/gemm.ts`: panel, block, lists, turned. */
export const WORKSPACE = 65536;
export const WORKSPACE_BYTES: number = 16384 + 1024 + 526400 + 16384;
const MAX_PAGES = 65536;
/** Queued commands that run at once: enough to fill a step's list, few enough to hold memory and latency down. */
const MAX_QUEUED = 512;
/**
 * `flush` runs what will take so many milliseconds: short steps, and batches of an evaluation, run some together, since kernels
 * push the JavaScript that calls them out of the caches. `core/yield.ts` reckons with it.
 */
const ENOUGH = 6;
/** Host elements that are queued with the commands; more are written at once, when those before them have run. */
const MAX_WRITTEN = 1024;
/** So few elements are copied out one by one: `slice` looks for subclasses first. */
const FEW = 64;
const KINDS: readonly unknown[] = Object.values(CLASSES);

/** A function, which stands where `call` takes a `this` from, and its arguments. V8 boxes what an array of numbers alone holds. */
type Command = [(this: unknown, ...args: never[]) => unknown, ...unknown[]];
const { call } = Function.prototype;

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
 * Small writes are commands too, so that neither a step nor an evaluation's batch is run in pieces, each of which would push the
 * other's code and data out of the caches.
 */
export class CpuBackend implements Backend {
  readonly budget: number;
  readonly readsAtOnce = true;
  readonly exports: Exports;
  readonly memory: WebAssembly.Memory;
  readonly pool: Pool;
  /** By the kernels' numbers. */
  readonly #functions: Command[0][] = [];
  #commands: Command[] = [];
  /** Elements that are to be written. */
  readonly #written = new Float64Array(32 * MAX_WRITTEN);
  #end = 0;
  /** Milliseconds that commands have taken of late, and how many they were: each run counts twice as much as the one before. */
  #ms = 0;
  #ran = 0;
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
    // Arrays of another realm are written as what they are: bytes.
    if (data.length > MAX_WRITTEN || !KINDS.includes(data.constructor)) {
      this.finish();
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.#view(Uint8Array, address + bytes.length).set(bytes, address);
      return;
    }
    if (this.#end + data.length > this.#written.length) this.finish();
    const from = this.#end;
    for (let i = 0; i < data.length; i++) this.#written[this.#end++] = data[i] as number;
    this.#queue([this.#store, data.constructor, address / data.BYTES_PER_ELEMENT, from, data.length]);
  }

  read(block: Block, offset: number, n: number, Elements: ArrayClass): TypedArray {
    this.finish();
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
    const command = new Array(1 + blocks.length + params.length + (kernel.workspace ? 1 : 0)) as Command;
    let at = 0;
    command[at++] = this.#functions[number];
    for (const { address } of blocks) command[at++] = address;
    if (kernel.workspace) command[at++] = WORKSPACE;
    for (let i = 0; i < params.length; i++) command[at++] = params[i];
    this.#queue(command);
  }

  flush(): undefined {
    if (this.#commands.length * this.#ms >= ENOUGH * this.#ran) this.finish();
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

  #queue(command: Command): void {
    if (this.#commands.push(command) === MAX_QUEUED) this.finish();
  }

  /** Writes what was queued for it. */
  readonly #store = (Elements: ArrayClass, place: number, from: number, n: number): void => {
    const view = this.#view(Elements, place + n);
    for (let i = 0; i < n; i++) view[place + i] = this.#written[from + i] as number;
  };

  /** Runs all that is queued. */
  finish(): void {
    const commands = this.#commands;
    const start = performance.now();
    this.#commands = [];
    try {
      for (const command of commands) call.apply(command[0], command);
    } finally {
      this.#ms = this.#ms / 2 + performance.now() - start;
      this.#ran = this.#ran / 2 + commands.length;
      this.#end = 0;
    }
  }
}
