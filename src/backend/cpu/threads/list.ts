import { BARRIER, CAPACITY, WRITE } from "./layout.ts";
import { Order } from "./order.ts";
import type { Share } from "./shares.ts";

/** Room that is kept free in each part, for a command that comes whole or not at all. */
const RESERVE = 6144;
/** Host bytes that travel inside a list; more are written when the threads stand still. */
export const MAX_WRITE_BYTES = 16384;

/** A list of commands for every thread, as it is written into shared memory. Ends with a barrier that is not in it. */
export class CommandList {
  /** By thread: functions, counts and arguments. */
  readonly parts: readonly number[][];
  readonly #order = new Order();

  constructor(threads: number) {
    this.parts = Array.from({ length: threads }, () => []);
  }

  get isEmpty(): boolean {
    return this.parts.every((part) => part.length === 0);
  }

  get isFull(): boolean {
    return this.parts.some((part) => part.length > CAPACITY - RESERVE);
  }

  /** Adds a command, after a barrier where threads would get in each other's way. */
  add(
    shares: readonly (Share | undefined)[],
    numberOf: (name: string) => number,
    workspace: ((thread: number) => number) | undefined,
  ): void {
    this.#orderFor(shares);
    shares.forEach((share, thread) => {
      if (share === undefined) return;
      const part = this.parts[thread] as number[];
      const { name, addresses, params } = share;
      part.push(numberOf(name), addresses.length + params.length + (workspace ? 1 : 0), ...addresses);
      if (workspace) part.push(workspace(thread));
      part.push(...params);
    });
  }

  /** Adds host bytes, which thread 0 stores. */
  write(address: number, bytes: Uint8Array): void {
    const range = { start: address, end: address + bytes.length };
    this.#orderFor([{ name: "write", addresses: [], params: [], reads: [], writes: [range] }]);
    const words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(words.buffer).set(bytes);
    const part = this.parts[0] as number[];
    part.push(WRITE, 2 + words.length, address, bytes.length, ...words);
  }

  #orderFor(shares: readonly (Share | undefined)[]): void {
    if (this.#order.needsBarrier(shares)) {
      for (const part of this.parts) part.push(BARRIER);
      this.#order.clear();
    }
    this.#order.note(shares);
  }
}
