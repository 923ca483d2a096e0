import type { Range, Share } from "./shares.ts";

interface Access extends Range {
  readonly thread: number;
}

const meets = (accesses: readonly Access[], { start, end }: Range, thread: number): boolean =>
  accesses.some((access) => access.thread !== thread && access.start < end && start < access.end);

/** What threads have read and written since they last waited for each other: tells when they must again. */
export class Order {
  #reads: Access[] = [];
  #writes: Access[] = [];

  /** True if a share touches what another thread has written, or overwrites what another thread has read, since the last barrier. */
  needsBarrier(shares: readonly (Share | undefined)[]): boolean {
    return shares.some((share, thread) => {
      if (share === undefined) return false;
      const overwrites = (range: Range) => meets(this.#reads, range, thread) || meets(this.#writes, range, thread);
      return share.writes.some(overwrites) || share.reads.some((range) => meets(this.#writes, range, thread));
    });
  }

  /** Notes what is about to run. */
  note(shares: readonly (Share | undefined)[]): void {
    shares.forEach((share, thread) => {
      for (const range of share?.reads ?? []) this.#reads.push({ ...range, thread });
      for (const range of share?.writes ?? []) this.#writes.push({ ...range, thread });
    });
  }

  /** All threads have waited for each other. */
  clear(): void {
    this.#reads = [];
    this.#writes = [];
  }
}
