// What the threads that compute share besides the kernels' memory: words of control, and lists.

/** 32-bit words of one cache line: each word of control has a line of its own. */
const LINE = 16;

/** The phase at which the work that was handed over ends. Raised by the queueing thread; those without work wait for it. */
export const LIMIT = 0;
/** Phases finished so far, of all lists. Those that have to wait for others within a list wait for it. */
export const PHASE: number = LINE;
/** Lists finished so far. The queueing thread waits for it. */
export const DONE: number = 2 * LINE;
/** Lanes finished in this phase, which is when all are. */
export const FINISHED: number = 3 * LINE;
/**
 * How many phases' commands were taken of a lane. Each command is divided into as many lanes as there are threads, and within a phase
 * each takes its own lane first, then others: so it does more where one is held up, by the queueing of commands or by another
 * program on its core. A lane's word lies so many words further on:
 */
export const TAKEN: number = 4 * LINE;
export const TAKEN_STEP: number = LINE;
export const controlWords = (threads: number): number => TAKEN + threads * TAKEN_STEP;

/** Lists that may be under way: one runs while the next is written. */
export const LISTS = 2;
/**
 * Commands after which a list is handed over, and the phases that it has room for. A training step of five layers fits; an
 * evaluation hands over every few milliseconds, so that threads neither begin late nor wait long for each other at a list's end.
 */
export const COMMANDS = 32;
/** Numbers for each lane that a list has room for. */
export const CAPACITY = 16384;

/*
 * A list in memory: the number of its first phase, how many phases there are, where each phase begins, and the phases: for each lane
 * where its commands begin, where the last one's end, and the commands. A command is a function's number among the module's
 * exports, which of its arguments is the running thread's workspace (or -1), the count of its arguments, and these.
 */
const numbersOf = (threads: number): number => 2 + COMMANDS + COMMANDS * (threads + 1) + threads * CAPACITY;

/** Numbers of all lists. */
export const listNumbers = (threads: number): number => LISTS * numbersOf(threads);

/** Where list k lies, in numbers. */
export const listAt = (list: number, threads: number): number => (list % LISTS) * numbersOf(threads);

/** Instead of a function's number: the arguments are an address, a number of bytes, and the bytes as words of 32 bits. */
export const WRITE = -1;

/**
 * Milliseconds that a thread waits for a word awake before it goes to sleep on it, divided by the number of threads, as with more
 * threads than cores those that wait keep others from working. Waking a core costs 50–100 us on virtual machines.
 */
const PATIENCE = 0.4;
/** Loads of a word between two looks at the clock: 3 us in V8 and JavaScriptCore. */
const LOADS = 500;

/** Looks at a word until it is no longer `value`; false when the patience of one of so many threads is over. */
export function outlasts(control: Int32Array, word: number, value: number, threads: number): boolean {
  const end = performance.now() + PATIENCE / threads;
  do {
    for (let i = 0; i < LOADS; i++) if (Atomics.load(control, word) !== value) return true;
  } while (performance.now() < end);
  return false;
}

/** What the threads compute on. */
export interface Shared {
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly lists: Float64Array<SharedArrayBuffer>;
  readonly threads: number;
}

/** What a computing thread is started with. */
export interface ThreadStart extends Shared {
  readonly module: WebAssembly.Module;
  readonly thread: number;
  /** The address of this thread's workspace. */
  readonly workspace: number;
  /** True where the queueing thread cannot wait for a word: it is sent a message at the end of each list. */
  readonly tell: boolean;
}

/** What it says: once when it is ready, at the end of lists where asked to, and when a kernel fails. */
export type ThreadMessage = { readonly type: "ready" | "done" } | { readonly type: "failed"; readonly message: string };
