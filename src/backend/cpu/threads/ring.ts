import { controlWords, DONE, LIMIT, listAt, listNumbers, outlasts, PHASE, type Shared } from "./layout.ts";
import type { CommandList } from "./list.ts";
import type { Runner } from "./runner.ts";

/** Milliseconds after which a thread that computes along gives others a turn: half a frame of a display. */
const TURN = 8;

/** The memory through which lists of commands go to so many threads, and what has become of them. */
export function newShared(memory: WebAssembly.Memory, threads: number): Shared {
  const control = new Int32Array(new SharedArrayBuffer(4 * controlWords(threads)));
  const lists = new Float64Array(new SharedArrayBuffer(8 * listNumbers(threads)));
  return { memory, control, lists, threads };
}

/** Lists on their way to the threads, as the thread sees it that queues them. */
export class Ring {
  readonly #shared: Shared;
  /** What this thread computes with; undefined where it does not. */
  readonly #runner: Runner | undefined;
  #phases = 0;
  /** Lists handed over so far. */
  handed = 0;

  constructor(shared: Shared, runner: Runner | undefined) {
    this.#shared = shared;
    this.#runner = runner;
  }

  get computes(): boolean {
    return this.#runner !== undefined;
  }

  /** Lists finished so far. */
  get finished(): number {
    return Atomics.load(this.#shared.control, DONE);
  }

  /** Hands a list over; there must be room. */
  hand(list: CommandList): void {
    const { control, lists, threads } = this.#shared;
    list.copyTo(lists, listAt(this.handed, threads), this.#phases);
    this.#phases = (this.#phases + list.phases) | 0;
    this.handed++;
    Atomics.store(control, LIMIT, this.#phases);
    // Workers that sleep are not woken for what this thread can as well do alone: it will, when somebody waits for it.
    if (list.isDivided || !this.computes) Atomics.notify(control, LIMIT);
  }

  /**
   * Computes with the other threads until so many lists are finished, or it is another's turn on this one.
   *
   * @returns the number of the phase where the others take too long to finish theirs, or there is no more work
   */
  help(lists: number): number | undefined {
    const { control, threads } = this.#shared;
    const end = performance.now() + TURN;
    while (this.finished < lists && performance.now() < end) {
      const phase = this.#runner?.run();
      if (phase === undefined) continue;
      if (phase === Atomics.load(control, LIMIT) || !outlasts(control, PHASE, phase, threads)) return phase;
    }
    return undefined;
  }

  /** Resolves when other than so many lists are finished. */
  listDone(finished: number): Promise<void> {
    return this.#changed(DONE, finished);
  }

  /** Resolves when another phase than this is under way. */
  phaseDone(phase: number): Promise<void> {
    return this.#changed(PHASE, phase);
  }

  async #changed(word: number, value: number): Promise<void> {
    if (typeof Atomics.waitAsync !== "function") return;
    const waiting = Atomics.waitAsync(this.#shared.control, word, value);
    if (waiting.async) await waiting.value;
  }
}
