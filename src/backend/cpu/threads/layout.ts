// What the thread that queues and those that compute share besides the kernels' memory: words of control, and lists.

/** 32-bit words of one cache line: each word of control has a line of its own. */
const LINE = 16;

/** Lists handed over so far. Raised by the queueing thread, waited for by the others. */
export const HEAD = 0;
/** Lists finished so far. Raised by thread 0, waited for by the queueing thread. */
export const DONE: number = LINE;
/** Threads that have arrived at the barrier. */
export const ARRIVED: number = 2 * LINE;
/** Barriers passed so far. */
export const PHASE: number = 3 * LINE;
export const CONTROL_WORDS: number = 4 * LINE;

/** Lists that may be under way: one runs while the next is written. */
export const LISTS = 2;
/** Numbers in one thread's part of a list: the count of those in use, then commands. */
export const CAPACITY = 16384;

/** Commands are a function's number among the module's exports, the count of its arguments, and these; or one of: */
export const BARRIER = -1;
/** An address, a number of bytes, and the bytes as words of 32 bits. */
export const WRITE = -2;

/**
 * Milliseconds that a thread waits for a word awake before it goes to sleep on it, divided by the number of threads, as with more
 * threads than cores those that wait keep others from working. Waking a core costs 50–100 us on virtual machines.
 */
export const PATIENCE = 0.4;
/** Loads of a word between two looks at the clock: 3 us in V8 and JavaScriptCore. */
export const LOADS = 500;

/** Where a thread's part of list k begins, in numbers. */
export const partOf = (list: number, thread: number, threads: number): number =>
  ((list % LISTS) * threads + thread) * CAPACITY;

/** What a computing thread is started with. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly lists: Float64Array<SharedArrayBuffer>;
  readonly thread: number;
  readonly threads: number;
  /** True where the queueing thread cannot wait for a word: it is sent a message at the end of each list. */
  readonly tell: boolean;
}

/** What it says: once when it is ready, at the end of lists where asked to, and when a kernel fails. */
export type ThreadMessage = { readonly type: "ready" | "done" } | { readonly type: "failed"; readonly message: string };
