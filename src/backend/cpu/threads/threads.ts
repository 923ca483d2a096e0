import type { ArrayClass, TypedArray } from "../../../core/dtype.ts";
import { DeviceError, DeviceLostError } from "../../../core/errors.ts";
import type { Kernel } from "../../../core/kernel.ts";
import type { yieldToEvents } from "../../../core/yield.ts";
import type { Backend, Block } from "../../backend.ts";
import type { Pool } from "../pool.ts";
import { Blocks } from "./blocks.ts";
import type { Crew } from "./crew.ts";
import { LISTS } from "./layout.ts";
import { type CommandList, Lists, MAX_WRITE_BYTES } from "./list.ts";
import type { Ring } from "./ring.ts";
import { type SharedBlock, wholeOf } from "./shares.ts";
import { baseOf, startThreads, type ThreadsParts } from "./start.ts";

/** What is handed over in order: a list for the threads, or host work that needs them to stand still. */
type Work = CommandList | (() => void);

/** Somebody who waits for so many lists to be finished. */
interface Waiting {
  readonly list: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The AssemblyScript module on several threads: this one queues, workers compute, and so does this one, as one of the threads,
 * whenever somebody waits for results, unless it is a page's. Lists of commands go through shared memory; each thread takes
 * lanes of every command, and they wait for each other only where one needs what another has made. Each element is computed by one
 * thread in the same order as alone, so the results are the same bits.
 */
export class ThreadsBackend implements Backend {
  readonly budget: number;
  readonly readsAtOnce = false;
  readonly pool: Pool;
  readonly #blocks: Blocks;
  readonly #memory: WebAssembly.Memory;
  readonly #ring: Ring;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #crew: Crew;
  readonly #yieldToEvents: typeof yieldToEvents;
  readonly #work: Work[] = [];
  readonly #lists: Lists;
  #open: CommandList;
  /** Lists closed so far, and those that are known to be finished. */
  #closed = 0;
  #finished = 0;
  readonly #waiting = new Set<Waiting>();
  #lost: DeviceLostError | undefined;
  #watching = false;
  #attending = false;

  private constructor(parts: ThreadsParts, crew: Crew, ring: Ring) {
    const { module, memory, threads, maximumPages } = parts;
    this.#memory = memory;
    this.#ring = ring;
    this.#crew = crew;
    this.#yieldToEvents = parts.yieldToEvents;
    this.#numbers = new Map(WebAssembly.Module.exports(module).map(({ name }, i) => [name, i]));
    this.#lists = new Lists(threads, (name) => this.#numberOf(name));
    this.#open = this.#lists.take();
    this.pool = parts.poolFrom(baseOf(parts));
    this.budget = (maximumPages * 65536) / 8;
    this.#blocks = new Blocks(this.pool, this.budget / 8);
    crew.listen(
      () => this.#advance(),
      (reason) => this.#lose(reason),
    );
  }

  /** Starts the threads. @throws DeviceError where a worker does not start */
  static async start(parts: ThreadsParts): Promise<ThreadsBackend> {
    const { crew, ring } = await startThreads(parts);
    return new ThreadsBackend(parts, crew, ring);
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

  write(block: Block, offset: number, data: TypedArray): void {
    this.#check();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const address = block.address + offset;
    if (this.#isIdle || this.#blocks.isUntouched(block)) this.#store(address, bytes);
    else if (bytes.length <= MAX_WRITE_BYTES) this.#command((list) => list.write(block, offset, bytes));
    else {
      const copy = bytes.slice();
      this.#then(() => this.#store(address, copy));
    }
  }

  read(block: Block, offset: number, n: number, Elements: ArrayClass): Promise<TypedArray> {
    const address = block.address + offset;
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      const mine: Waiting = { list: Number.POSITIVE_INFINITY, resolve: () => undefined, reject };
      this.#setWaiting(mine, true);
      this.#then(() => {
        this.#setWaiting(mine, false);
        resolve(new Elements(this.#memory.buffer, address, n).slice());
      });
      void this.#attend();
    });
  }

  run(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): void {
    this.#check();
    for (const { address } of blocks) this.#blocks.touch(address);
    this.#command((list) => list.add(kernel, blocks, params));
  }

  flush(): Promise<void> | undefined {
    this.#check();
    this.#close();
    // One list runs while the next is queued: more would only wait, and hold memory.
    this.#help(this.#closed - 1);
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
    return this.#open.isEmpty && this.#work.length === 0 && this.#ring.handed === this.#finished;
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
      this.#open = this.#lists.take();
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
      if (this.#ring.handed - this.#finished >= room) break;
      // Taken out first: a list may be finished, and this be called again, before it is handed over to the last thread.
      this.#work.shift();
      if (typeof next === "function") next();
      else this.#hand(next);
    }
  }

  #hand(list: CommandList): void {
    this.#ring.hand(list);
    this.#lists.giveBack(list);
    void this.#watch();
  }

  /** Hears of finished lists while some are under way. */
  async #watch(): Promise<void> {
    if (this.#watching || typeof Atomics.waitAsync !== "function") return;
    this.#watching = true;
    while (this.#ring.handed !== this.#finished && !this.#lost) {
      await this.#ring.listDone(this.#finished);
      this.#advance();
    }
    this.#watching = false;
  }

  /** Computes while somebody waits, in turns with whatever else this thread has to do. */
  async #attend(): Promise<void> {
    if (this.#attending || !this.#ring.computes) return;
    this.#attending = true;
    while (this.#waiting.size > 0 && !this.#lost) {
      await this.#yieldToEvents();
      const { handed } = this.#ring;
      const phase = this.#help(this.#finished + 1);
      // What was handed over in the meantime may be for this thread alone to take.
      if (phase === undefined || this.#ring.handed !== handed) continue;
      if (this.#ring.handed === this.#finished) break;
      await this.#ring.phaseDone(phase);
    }
    this.#attending = false;
  }

  /** Computes until so many lists are finished, as long as it need not wait for others. */
  #help(lists: number): number | undefined {
    if (this.#lost) return undefined;
    try {
      return this.#ring.help(lists);
    } catch (error) {
      this.#lose(String(error));
      return undefined;
    } finally {
      this.#advance();
    }
  }

  #advance(): void {
    const { finished } = this.#ring;
    if (finished === this.#finished || this.#lost) return;
    this.#finished = finished;
    this.#blocks.finish(finished);
    this.#pump();
    for (const waiting of this.#waiting)
      if (waiting.list <= finished) {
        this.#setWaiting(waiting, false);
        waiting.resolve();
      }
  }

  /** Resolves once so many lists are finished; undefined where they are. */
  #until(list: number): Promise<void> | undefined {
    if (list <= this.#finished) return undefined;
    return new Promise((resolve, reject) => {
      this.#setWaiting({ list, resolve, reject }, true);
      void this.#attend();
    });
  }

  /** The process stays while somebody waits, not for work that nobody waits for: maybe nobody is awake to do it. */
  #setWaiting(waiting: Waiting, waits: boolean): void {
    if (waits) this.#waiting.add(waiting);
    else this.#waiting.delete(waiting);
    if (this.#waiting.size > 0) this.#crew.work();
    else this.#crew.rest();
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    const error = new DeviceLostError(
      `cpu: a computing thread is gone (${reason}), and what was on the device with it; call init again for a new one`,
    );
    this.#lost = error;
    this.#crew.end();
    this.#work.length = 0;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}
