import type { Block } from "../../backend.ts";
import type { Pool } from "../pool.ts";

interface Freed {
  readonly block: Block;
  /** How many lists must be finished before no command uses it. */
  readonly list: number;
}

/**
 * Blocks for commands that run later. What is freed while lists may use it is handed out again when they are finished: at once, it
 * would make commands wait for others that only lie in the same place.
 */
export class Blocks {
  readonly #pool: Pool;
  /** Bytes that may wait so; beyond them blocks are handed out again at once, and commands wait. */
  readonly #most: number;
  /** In the order of their lists. */
  readonly #freed: Freed[] = [];
  #freedBytes = 0;
  #finished = 0;
  #newest = 0;
  /** Lists that must be finished before what the pool hands out is sure to be in no command's use. */
  #reusedUntil = 0;
  /** By address. */
  readonly #untouched = new Set<number>();

  constructor(pool: Pool, most: number) {
    this.#pool = pool;
    this.#most = most;
  }

  /** @throws OutOfMemoryError */
  allocate(bytes: number): Block {
    const block = this.#take(bytes);
    if (this.#finished >= this.#reusedUntil) this.#untouched.add(block.address);
    return block;
  }

  #take(bytes: number): Block {
    try {
      return this.#pool.allocate(bytes);
    } catch (error) {
      if (this.#freed.length === 0) throw error;
      this.#reuse();
      return this.#pool.allocate(bytes);
    }
  }

  /** @param list how many lists must be finished before no command uses it */
  free(block: Block, list: number): void {
    this.#untouched.delete(block.address);
    if (list <= this.#finished) {
      this.#pool.free(block);
      return;
    }
    this.#newest = list;
    this.#freed.push({ block, list });
    this.#freedBytes += block.bytes;
    if (this.#freedBytes > this.#most) this.#reuse();
  }

  /** Hears how many lists are finished. */
  finish(lists: number): void {
    this.#finished = lists;
    while ((this.#freed[0]?.list ?? Number.POSITIVE_INFINITY) <= lists) this.#giveBack();
  }

  /** True while no command was given the block: the host may store into it whatever is under way. */
  isUntouched({ address }: Block): boolean {
    return this.#untouched.has(address);
  }

  /** Hears of a command that uses the block, or a part of it. */
  touch(address: number): void {
    this.#untouched.delete(address);
  }

  /** Hands out again what commands under way use: those that come are ordered after them. */
  #reuse(): void {
    while (this.#freed.length > 0) this.#giveBack();
    this.#reusedUntil = this.#newest;
  }

  #giveBack(): void {
    const { block } = this.#freed.shift() as Freed;
    this.#freedBytes -= block.bytes;
    this.#pool.free(block);
  }
}
