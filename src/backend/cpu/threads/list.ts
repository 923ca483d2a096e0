import { BARRIER, CAPACITY, WRITE } from "./layout.ts";
import { Order } from "./order.ts";
import { type EdgesOf, type Share, type SharedBlock, wholeOf } from "./shares.ts";

/** Room that is kept free in each part, for a command that comes whole or not at all. */
const RESERVE = 6144;
/** Host bytes that travel inside a list; more are written when the threads stand still. */
export const MAX_WRITE_BYTES = 16384;

/** A list of commands for every thread, as it is written into shared memory. Ends with a barrier that is not in it. */
export class CommandList {
  readonly #order = new Order();
  /** By phase and thread: functions, counts and arguments. */
  readonly #phases: number[][][] = [];
  readonly #lengths: number[];

  constructor(threads: number) {
    this.#lengths = Array.from({ length: threads }, () => 0);
  }

  /** As threads have written a buffer in this list. */
  readonly edgesOf: EdgesOf = (address) => this.#order.edgesOf(address);

  get isEmpty(): boolean {
    return this.#phases.length === 0;
  }

  get isFull(): boolean {
    return this.#lengths.some((length) => length + this.#phases.length > CAPACITY - RESERVE);
  }

  /** Writes what a thread has to do: how many numbers follow, then its commands, phase after phase, with barriers between. */
  copyTo(lists: Float64Array, at: number, thread: number): void {
    let end = at + 1;
    for (const [phase, parts] of this.#phases.entries()) {
      if (phase > 0) lists[end++] = BARRIER;
      for (const word of parts[thread] ?? []) lists[end++] = word;
    }
    lists[at] = end - at - 1;
  }

  /** Adds a command. */
  add(
    shares: readonly (Share | undefined)[],
    numberOf: (name: string) => number,
    workspace: ((thread: number) => number) | undefined,
  ): void {
    const phase = this.#phaseFor(shares);
    shares.forEach((share, thread) => {
      if (share === undefined) return;
      const { name, addresses, params } = share;
      const count = addresses.length + params.length + (workspace ? 1 : 0);
      const part = this.#partOf(phase, thread, 2 + count);
      part.push(numberOf(name), count);
      for (const address of addresses) part.push(address);
      if (workspace) part.push(workspace(thread));
      for (const value of params) part.push(value);
    });
  }

  /** Adds host bytes, which thread 0 stores. */
  write(block: SharedBlock, offset: number, bytes: Uint8Array): void {
    const start = block.address + offset;
    const range = { block: wholeOf(block), start, end: start + bytes.length };
    const phase = this.#phaseFor([{ name: "write", addresses: [], params: [], reads: [], writes: [range] }]);
    const words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(words.buffer).set(bytes);
    const part = this.#partOf(phase, 0, 4 + words.length);
    part.push(WRITE, 2 + words.length, start, bytes.length);
    for (const word of words) part.push(word);
  }

  /** Where a thread's commands of a phase go, of which so many more numbers come. */
  #partOf(phase: number, thread: number, words: number): number[] {
    this.#lengths[thread] = (this.#lengths[thread] ?? 0) + words;
    return this.#phases[phase]?.[thread] as number[];
  }

  #phaseFor(shares: readonly (Share | undefined)[]): number {
    const phase = this.#order.phaseOf(shares);
    this.#order.note(shares, phase);
    if (phase === this.#phases.length) this.#phases.push(this.#lengths.map(() => []));
    return phase;
  }
}
