import type { ByteStore } from "../io/store.ts";
import { encodeCheckpoint } from "./checkpointFile.ts";
import type { RunFacts } from "./runFacts.ts";
import type { Snapshot } from "./snapshot.ts";

/** The least time between two writes that nobody asked for by number, in milliseconds. */
const LEAST_PAUSE = 5000;
/** So many times what a checkpoint takes must pass between two of them. */
const PAUSE = 50;

/** Writes a run's checkpoints, one at a time and the newest next; training does not wait for them. */
export class Checkpoints {
  readonly #store: ByteStore;
  readonly #everySteps: number | undefined;
  readonly #facts: RunFacts;
  readonly #metadata: Readonly<Record<string, string>>;
  #waiting: Snapshot | undefined;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #isOverdue = false;
  #lastAt = performance.now();
  #snapshotCost = 0;
  #cost = 0;

  /**
   * @param everySteps steps of an epoch between two writes; undefined: as often as costs little
   * @param facts what a run that goes on must have in common with this one
   * @param metadata the user's own text for the file
   */
  constructor(
    store: ByteStore,
    everySteps: number | undefined,
    facts: RunFacts,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.#store = store;
    this.#everySteps = everySteps;
    this.#facts = facts;
    this.#metadata = metadata;
  }

  /** Whether a checkpoint is to be written after this step. One that was due while the last was being written still is. */
  isDue(step: number): boolean {
    if (this.#everySteps === undefined)
      return !this.#writing && performance.now() - this.#lastAt >= Math.max(LEAST_PAUSE, PAUSE * this.#cost);
    if (step % this.#everySteps === 0) this.#isOverdue = true;
    return this.#isOverdue && !this.#writing;
  }

  /** Told how long a snapshot took. */
  took(milliseconds: number): void {
    this.#snapshotCost = milliseconds;
  }

  /** Writes a snapshot after the one that is being written; of several that wait the last one counts. */
  write(snapshot: Snapshot): void {
    this.#isOverdue = false;
    this.#lastAt = performance.now();
    this.#waiting = snapshot;
    this.#writing ??= this.#work().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  /** What a write has thrown, once. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  async #work(): Promise<void> {
    for (let snapshot = this.#waiting; snapshot !== undefined; snapshot = this.#waiting) {
      this.#waiting = undefined;
      const began = performance.now();
      try {
        await this.#store.write(encodeCheckpoint(snapshot, this.#facts, this.#metadata));
      } catch (error) {
        this.#failure = error;
      }
      this.#cost = this.#snapshotCost + performance.now() - began;
    }
  }
}
