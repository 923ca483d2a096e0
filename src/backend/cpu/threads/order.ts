import type { Range, Share } from "./shares.ts";

interface Access {
  readonly start: number;
  readonly end: number;
  readonly thread: number;
  readonly writes: boolean;
  phase: number;
}

/**
 * Sorts the commands of a list into phases. Between two phases the threads wait for each other, within one they do not: each
 * command comes as early as what it needs, and what it must not overwrite too soon, allows. Those that need nothing of each other
 * so share a phase in whatever order they were queued: all of a forward and backward chain by rows, then all gradients of weights.
 */
export class Order {
  /** By the block in which ranges lie: those of different blocks never meet. */
  readonly #touched = new Map<number, Access[]>();
  /** By the address of a buffer, where each thread's part of it begins, and its end: as it was written last. */
  readonly #edges = new Map<number, readonly number[]>();

  /** The earliest phase for a command. */
  phaseOf(shares: readonly (Share | undefined)[]): number {
    let phase = 0;
    shares.forEach((share, thread) => {
      for (const range of share?.writes ?? []) phase = Math.max(phase, this.#after(range, thread, true));
      for (const range of share?.reads ?? []) phase = Math.max(phase, this.#after(range, thread, false));
    });
    return phase;
  }

  /** The earliest phase in which a thread may write or read a range. */
  #after({ block, start, end }: Range, thread: number, writes: boolean): number {
    let phase = 0;
    for (const access of this.#touched.get(block) ?? [])
      if ((writes || access.writes) && access.start < end && start < access.end)
        // A thread runs what it has in a phase in the order of the queue.
        phase = Math.max(phase, access.thread === thread ? access.phase : access.phase + 1);
    return phase;
  }

  /** Where each thread's part of a buffer begins, and where the last one ends, if it was written in parts. */
  readonly edgesOf = (address: number): readonly number[] | undefined => this.#edges.get(address);

  /** Notes what a command touches, and when. */
  note(shares: readonly (Share | undefined)[], phase: number): void {
    this.#noteEdges(shares);
    shares.forEach((share, thread) => {
      for (const range of share?.writes ?? []) this.#add(range, thread, true, phase);
      for (const range of share?.reads ?? []) this.#add(range, thread, false, phase);
    });
  }

  #noteEdges(shares: readonly (Share | undefined)[]): void {
    shares[0]?.writes.forEach(({ start }, i) => {
      const parts = shares.map((share) => share?.writes[i]);
      const end = parts.at(-1)?.end;
      // Only where every thread has a part.
      if (parts.length < 2 || end === undefined || parts.includes(undefined)) this.#edges.delete(start);
      else this.#edges.set(start, [...parts.map((part) => part?.start ?? end), end]);
    });
  }

  #add({ block, start, end }: Range, thread: number, writes: boolean, phase: number): void {
    const accesses = this.#touched.get(block) ?? [];
    if (accesses.length === 0) this.#touched.set(block, accesses);
    const same = accesses.find(
      (each) => each.start === start && each.end === end && each.thread === thread && each.writes === writes,
    );
    if (same) same.phase = Math.max(same.phase, phase);
    else accesses.push({ start, end, thread, writes, phase });
  }
}
