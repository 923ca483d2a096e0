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

  /** By thread: its commands, phase after phase, with barriers between. */
  get parts(): readonly (readonly number[])[] {
    return this.#lengths.map((_, thread) =>
      this.#phases.flatMap((parts, phase) => {
        const part = parts[thread] as number[];
        return phase === 0 ? part : [BARRIER, ...part];
      }),
    );
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
      const args = [...addresses, ...(workspace ? [workspace(thread)] : []), ...params];
      this.#append(phase, thread, [numberOf(name), args.length, ...args]);
    });
  }

  /** Adds host bytes, which thread 0 stores. */
  write(block: SharedBlock, offset: number, bytes: Uint8Array): void {
    const start = block.address + offset;
    const range = { block: wholeOf(block), start, end: start + bytes.length };
    const phase = this.#phaseFor([{ name: "write", addresses: [], params: [], reads: [], writes: [range] }]);
    const words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(words.buffer).set(bytes);
    this.#append(phase, 0, [WRITE, 2 + words.length, start, bytes.length, ...words]);
  }

  #append(phase: number, thread: number, words: readonly number[]): void {
    this.#phases[phase]?.[thread]?.push(...words);
    this.#lengths[thread] = (this.#lengths[thread] ?? 0) + words.length;
  }

  #phaseFor(shares: readonly (Share | undefined)[]): number {
    const phase = this.#order.phaseOf(shares);
    this.#order.note(shares, phase);
    if (phase === this.#phases.length) this.#phases.push(this.#lengths.map(() => []));
    return phase;
  }
}
