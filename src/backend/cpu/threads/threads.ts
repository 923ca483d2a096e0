import { DeviceError, DeviceLostError } from "../../../core/errors.ts";
import type { Kernel } from "../../../core/kernel.ts";
import type { Backend, Block } from "../../backend.ts";
import type { Pool } from "../pool.ts";
import { Blocks } from "./blocks.ts";
import { Crew, type WorkerFactory } from "./crew.ts";
import { CONTROL_WORDS, CAPACITY, DONE, HEAD, LISTS, partOf, type ThreadStart } from "./layout.ts";
import { CommandList, MAX_WRITE_BYTES } from "./list.ts";
import { type SharedBlock, sharesOf, wholeOf } from "./shares.ts";

const PAGE = 65536;

/** What is handed over in order: a list for the threads, or host work that needs them to stand still. */
type Work = CommandList | (() => void);

/** What a threaded backend stands on. */
export interface ThreadsParts {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly maximumPages: number;
  readonly threads: number;
  readonly factory?: WorkerFactory | undefined;
  /** Where one thread's workspace lies, and its bytes: those of several follow each other from there, whole pages apart. */
  readonly workspace: { readonly start: number; readonly bytes: number };
  /** Blocks of the memory from an address on. */
  readonly poolFrom: (start: number) => Pool;
}

/** Bytes from one thread's workspace to the next one's. */
const spaceOf = ({ workspace }: ThreadsParts): number => Math.ceil(workspace.bytes / PAGE) * PAGE;

/** Where the workspaces end. */
const endOf = (parts: ThreadsParts): number => parts.workspace.start + parts.threads * spaceOf(parts);

/**
 * The AssemblyScript module on several threads: this one queues, workers compute. Lists of commands go through shared memory; each
 * thread takes its share of every command, and they wait for each other only where one needs what another has made. Each element
 * is computed by one thread in the same order as alone, so the results are the same bits.
 */
export class ThreadsBackend implements Backend {
  readonly budget: number;
  readonly readsAtOnce = false;
  readonly pool: Pool;
  readonly #blocks: Blocks;
  readonly #threads: number;
  readonly #workspaceOf: (thread: number) => number;
  readonly #memory: WebAssembly.Memory;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #crew: Crew;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #lists: Float64Array<SharedArrayBuffer>;
  readonly #work: Work[] = [];
  #open: CommandList;
  /** Lists closed so far, handed over so far, and finished so far. */
  #closed = 0;
  #handed = 0;
  #finished = 0;
  #waiting: { readonly list: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #lost: DeviceLostError | undefined;
  #watching = false;

  private constructor(parts: ThreadsParts, crew: Crew, shared: Pick<ThreadStart, "control" | "lists">) {
    const { module, memory, maximumPages, threads } = parts;
    this.#threads = threads;
    this.#workspaceOf = (thread) => parts.workspace.start + thread * spaceOf(parts);
    this.#memory = memory;
    this.#crew = crew;
    this.#control = shared.control;
    this.#lists = shared.lists;
    this.#numbers = new Map(WebAssembly.Module.exports(module).map(({ name }, i) => [name, i]));
    this.#open = new CommandList(threads);
    this.pool = parts.poolFrom(endOf(parts));
    this.budget = (maximumPages * PAGE) / 8;
    this.#blocks = new Blocks(this.pool, this.budget / 8);
    crew.listen(
      () => this.#advance(),
      (reason) => this.#lose(reason),
    );
  }

  /** Starts the threads. @throws DeviceError where a worker does not start */
  static async start(parts: ThreadsParts): Promise<ThreadsBackend> {
    const { module, memory, threads, factory } = parts;
    const tell = typeof Atomics.waitAsync !== "function";
    const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
    const lists = new Float64Array(new SharedArrayBuffer(8 * LISTS * threads * CAPACITY));
    // The workspaces must be there before a thread can touch them.
    const missing = Math.ceil((endOf(parts) - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    const starts = Array.from({ length: threads }, (_, thread) => {
      return { module, memory, control, lists, thread, threads, tell };
    });
    return new ThreadsBackend(parts, await Crew.start(starts, factory), { control, lists });
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  allocate(bytes: number): Block {
    this.#check();
    return this.#blocks.allocate(bytes);
  }

  free(block: Block): void {
    this.#blocks.free(block, this.#open.isEmpty ? this.#closed : this.#closed + 1);
  }

  part(block: Block, offset: number, bytes: number): SharedBlock {
    const whole = wholeOf(block);
    this.#blocks.touch(whole);
    return { address: block.address + offset, bytes, whole };
  }

  write(block: Block, offset: number, bytes: Uint8Array): void {
    this.#check();
    const address = block.address + offset;
    if (this.#isIdle || this.#blocks.isUntouched(block)) this.#store(address, bytes);
    else if (bytes.length <= MAX_WRITE_BYTES) this.#command((list) => list.write(block, offset, bytes));
    else {
      const copy = bytes.slice();
      this.#then(() => this.#store(address, copy));
    }
  }

  read(block: Block, offset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const address = block.address + offset;
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#waiting.push({ list: Number.POSITIVE_INFINITY, resolve: () => undefined, reject });
      const mine = this.#waiting.at(-1);
      this.#then(() => {
        this.#waiting = this.#waiting.filter((each) => each !== mine);
        const copy = new Uint8Array(bytes);
        copy.set(new Uint8Array(this.#memory.buffer, address, bytes));
        resolve(copy);
      });
    });
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    this.#check();
    const shares = sharesOf(kernel, blocks, params, this.#threads, this.#open.edgesOf);
    const workspace = kernel.workspace ? this.#workspaceOf : undefined;
    for (const { address } of blocks) this.#blocks.touch(address);
    this.#command((list) => list.add(shares, (name) => this.#numberOf(name), workspace));
  }

  flush(): Promise<void> | undefined {
    this.#check();
    this.#close();
    // One list runs while the next is queued: more would only wait, and hold memory.
    return this.#until(this.#closed - 1);
  }

  /** Ends the threads; what was queued is not computed. */
  dispose(): void {
    this.#lose("it was disposed of");
  }

  #check(): void {
    if (this.#lost) throw this.#lost;
  }

  get #isIdle(): boolean {
    return this.#open.isEmpty && this.#work.length === 0 && this.#handed === this.#finished;
  }

  #numberOf(name: string): number {
    const found = this.#numbers.get(name);
    if (found === undefined) throw new DeviceError(`cpu: the kernels export no ${name}; they are of another version`);
    return found;
  }

  #store(address: number, bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer).set(bytes, address);
  }

  #command(add: (list: CommandList) => void): void {
    add(this.#open);
    if (this.#open.isFull) this.#close();
  }

  #close(): void {
    if (!this.#open.isEmpty) {
      this.#work.push(this.#open);
      this.#closed++;
      this.#open = new CommandList(this.#threads);
    }
    this.#pump();
  }

  /** Host work after all that was queued so far and before all that comes. */
  #then(work: () => void): void {
    this.#close();
    this.#work.push(work);
    this.#pump();
  }

  /** Hands over what can be. */
  #pump(): void {
    for (let next = this.#work[0]; next !== undefined; next = this.#work[0]) {
      const room = typeof next === "function" ? 1 : LISTS;
      if (this.#handed - this.#finished >= room) break;
      // Taken out first: a list may be finished, and this be called again, before it is handed over to the last thread.
      this.#work.shift();
      if (typeof next === "function") next();
      else this.#hand(next);
    }
    if (this.#handed === this.#finished) this.#crew.rest();
  }

  #hand(list: CommandList): void {
    for (let thread = 0; thread < this.#threads; thread++)
      list.copyTo(this.#lists, partOf(this.#handed, thread, this.#threads), thread);
    if (this.#handed === this.#finished) this.#crew.work();
    this.#handed++;
    Atomics.store(this.#control, HEAD, this.#handed);
    Atomics.notify(this.#control, HEAD);
    void this.#watch();
  }

  /** Waits for the threads while lists are under way. */
  async #watch(): Promise<void> {
    if (this.#watching || typeof Atomics.waitAsync !== "function") return;
    this.#watching = true;
    while (this.#handed !== this.#finished && !this.#lost) {
      const waiting = Atomics.waitAsync(this.#control, DONE, this.#finished);
      if (waiting.async) await waiting.value;
      this.#advance();
    }
    this.#watching = false;
  }

  #advance(): void {
    const finished = Atomics.load(this.#control, DONE);
    if (finished === this.#finished || this.#lost) return;
    this.#finished = finished;
    this.#blocks.finish(finished);
    this.#pump();
    const due = this.#waiting.filter(({ list }) => list <= finished);
    this.#waiting = this.#waiting.filter(({ list }) => list > finished);
    for (const { resolve } of due) resolve();
  }

  /** Resolves once so many lists are finished; undefined where they are. */
  #until(list: number): Promise<void> | undefined {
    if (list <= this.#finished) return undefined;
    return new Promise((resolve, reject) => this.#waiting.push({ list, resolve, reject }));
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    const error = new DeviceLostError(
      `cpu: a computing thread is gone (${reason}), and what was on the device with it; call init again for a new one`,
    );
    this.#lost = error;
    this.#crew.end();
    this.#work.length = 0;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
