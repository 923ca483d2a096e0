import { DONE, FINISHED, LIMIT, LISTS, listAt, PHASE, type Shared, TAKEN, TAKEN_STEP, WRITE } from "./layout.ts";

type Call = (...args: number[]) => number;

/** The module's functions by their numbers, over the threads' memory. */
export async function functionsOf(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<readonly Call[]> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return WebAssembly.Module.exports(module).map(({ name }) => exports[name] as Call);
}

/** Arguments on the way to a kernel: one array for each count of them, since the call copies them out. */
const room: unknown[][] = [];

/** Calls a kernel with `count` numbers of a list from `at` on. */
function callFrom(kernel: (...args: number[]) => number, list: ArrayLike<number>, at: number, count: number): void {
  // Filled with what is no number: an array of doubles would box every integer on its way to the kernel.
  room[count] ??= Array<unknown>(count).fill(undefined);
  const args = room[count];
  for (let i = 0; i < count; i++) args[i] = list[at + i] as number;
  kernel.apply(null, args as number[]);
}

/** The lanes in the order in which a thread looks for work. */
function ordered(thread: number, threads: number): readonly number[] {
  return Array.from({ length: threads }, (_, i) => (thread + threads - i) % threads);
}

/** One of the threads that compute: it takes what no other has taken. */
export class Runner {
  readonly #shared: Shared;
  readonly #functions: readonly Call[];
  readonly #workspace: number;
  readonly #order: readonly number[];
  readonly #listDone: () => void;

  /**
   * @param thread its number, from 0
   * @param workspace the address of its workspace
   * @param listDone called when it has finished a list's last command
   */
  constructor(shared: Shared, functions: readonly Call[], thread: number, workspace: number, listDone: () => void) {
    this.#shared = shared;
    this.#functions = functions;
    this.#workspace = workspace;
    this.#order = ordered(thread, shared.threads);
    this.#listDone = listDone;
  }

  /** Runs a lane of the phase that is under way; undefined, or the number of the phase where it has nothing to take. */
  run(): number | undefined {
    const { control } = this.#shared;
    const phase = Atomics.load(control, PHASE);
    if (phase === Atomics.load(control, LIMIT)) return phase;
    for (const lane of this.#order)
      if (this.#takes(lane, phase)) {
        this.#runLane(lane, phase);
        return undefined;
      }
    return phase;
  }

  /** True for the first that asks for a lane of a phase; while it has not finished, nor has the phase. */
  #takes(lane: number, phase: number): boolean {
    const { control } = this.#shared;
    const word = TAKEN + lane * TAKEN_STEP;
    return (
      Atomics.load(control, word) === phase && Atomics.compareExchange(control, word, phase, (phase + 1) | 0) === phase
    );
  }

  #runLane(lane: number, phase: number): void {
    const { lists, threads } = this.#shared;
    for (let list = 0; list < LISTS; list++) {
      const at = listAt(list, threads);
      const index = (phase - (lists[at] as number)) | 0;
      const count = lists[at + 1] as number;
      if (index < 0 || index >= count) continue;
      const table = (lists[at + 2 + index] as number) + lane;
      this.#runCommands(lists[table] as number, lists[table + 1] as number);
      this.#finish(phase, index === count - 1);
      return;
    }
  }

  #runCommands(at: number, end: number): void {
    const { lists, memory } = this.#shared;
    while (at < end) {
      const [command, place, count] = [lists[at] as number, lists[at + 1] as number, lists[at + 2] as number];
      at += 3;
      if (command === WRITE) {
        const [address, bytes] = [lists[at] as number, lists[at + 1] as number];
        const words = Uint32Array.from(lists.subarray(at + 2, at + count));
        new Uint8Array(memory.buffer, address, bytes).set(new Uint8Array(words.buffer, 0, bytes));
      } else {
        if (place >= 0) lists[at + place] = this.#workspace;
        callFrom(this.#functions[command] as Call, lists, at, count);
      }
      at += count;
    }
  }

  /** Counts a lane as finished; with the last one the phase is, and perhaps the list. */
  #finish(phase: number, endsList: boolean): void {
    const { control, threads } = this.#shared;
    if (Atomics.add(control, FINISHED, 1) < threads - 1) return;
    Atomics.store(control, FINISHED, 0);
    if (endsList) Atomics.add(control, DONE, 1);
    Atomics.store(control, PHASE, (phase + 1) | 0);
    Atomics.notify(control, PHASE);
    if (!endsList) return;
    Atomics.notify(control, DONE);
    this.#listDone();
  }
}
