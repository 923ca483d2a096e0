import { OutOfMemoryError } from "../../core/errors.ts";
import type { Block } from "../backend.ts";

const PAGE = 65536;
const ALIGN = 64; // a cache line, and the widest load of any kernel
/**
 * Rounds up to one of four sizes per octave, so that a freed block serves most later requests: at most 25 % is wasted. A
 * cache line more keeps arrays of 2ⁿ bytes from falling on the same sets of the cache, one like the other.
 */
function sizeClass(bytes: number): number {
  const n = Math.max(bytes, ALIGN);
  const log2 = 31 - Math.clz32(n); // of 32 bits, as addresses are
  const step = 1 << Math.max(log2 - 2, 6);
  return Math.ceil(n / step) * step + ALIGN;
}

/** Blocks of WebAssembly memory, reused by size. The memory grows and never shrinks; what is freed is handed out again. */
export class Pool {
  /** Bytes in blocks that are handed out. */
  used = 0;
  readonly #memory: WebAssembly.Memory;
  readonly #free = new Map<number, Block[]>();
  #top: number;

  /** @param base the first address that is not the module's own */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#top = base;
  }

  allocate(bytes: number): Block {
    const size = sizeClass(bytes);
    const block = this.#free.get(size)?.pop() ?? this.#extend(size) ?? this.#larger(size);
    if (block === undefined)
      throw new OutOfMemoryError(
        `cpu: no room for ${bytes} bytes: ${this.used} of ${this.#memory.buffer.byteLength} bytes are in use and the memory cannot grow; ` +
          "use a smaller batch, wrap evaluation in noGrad(), or dispose() of tensors you keep",
      );
    this.used += block.bytes;
    return block;
  }

  free(block: Block): void {
    this.used -= block.bytes;
    const list = this.#free.get(block.bytes);
    if (list) list.push(block);
    else this.#free.set(block.bytes, [block]);
  }

  #extend(size: number): Block | undefined {
    const end = this.#top + size;
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0 && !this.#grow(missing)) return undefined;
    const block = { address: this.#top, bytes: size };
    this.#top = end;
    return block;
  }

  #grow(pages: number): boolean {
    // A quarter at a time keeps growing cheap; near the maximum only what is needed is asked for.
    const generous = Math.max(pages, this.#memory.buffer.byteLength / PAGE / 4);
    for (const ask of [Math.ceil(generous), pages])
      try {
        this.#memory.grow(ask);
        return true;
      } catch {
        // RangeError: over the maximum, or the system has no more; the smaller request is tried next.
      }
    return false;
  }

  #larger(size: number): Block | undefined {
    let best: number | undefined;
    for (const [bytes, list] of this.#free)
      if (bytes > size && list.length > 0 && (best === undefined || bytes < best)) best = bytes;
    return best === undefined ? undefined : this.#free.get(best)?.pop();
  }
}
