import { DeviceError } from "../../../core/errors.ts";
import source from "worker:./worker.ts";
import type { ThreadMessage, ThreadStart } from "./layout.ts";

/**
 * A worker of the web, or of node:worker_threads: what `init` uses of one.
 *
 * @category Devices
 */
export interface ThreadWorker {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
  /** Listens, where it is one of node:worker_threads. */
  on?(event: string, listener: (value: unknown) => void): unknown;
  /** Listens, where it is one of the web. */
  addEventListener?(type: string, listener: (event: unknown) => void): void;
  /** Keeps the process from ending while it works, in Node. */
  ref?(): void;
  /** Lets the process end while it is idle, in Node. */
  unref?(): void;
}

/**
 * Makes a worker that runs the file `torchlet/thread.js`.
 *
 * @category Devices
 */
export type WorkerFactory = () => ThreadWorker;

interface Runtime {
  readonly process?: {
    getBuiltinModule?: (
      name: string,
    ) => { readonly Worker: new (source: string, options: { eval: true }) => ThreadWorker } | undefined;
  };
}

const MILLISECONDS_TO_START = 20_000;

/** True where threads can share memory here. */
export function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  // Pages and their workers must be isolated; Node, Deno and Bun have no such thing, or say nothing of it.
  return "document" in globalThis || "importScripts" in globalThis ? crossOriginIsolated === true : true;
}

/** A worker from the text that travels inside: of node:worker_threads, or a `blob:` in pages. */
export function makeWorker(): ThreadWorker {
  const threads = (globalThis as Runtime).process?.getBuiltinModule?.("node:worker_threads");
  if (threads) return new threads.Worker(source, { eval: true });
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return new Worker(url) as unknown as ThreadWorker;
  } finally {
    // The browser has taken the address down by then, not the file.
    setTimeout(() => URL.revokeObjectURL(url), MILLISECONDS_TO_START);
  }
}

/** Workers that compute together. */
export class Crew {
  readonly #workers: readonly ThreadWorker[];
  #done: () => void = () => undefined;
  #lost: (reason: string) => void = () => undefined;
  #ready = 0;
  #works = true;

  private constructor(workers: readonly ThreadWorker[]) {
    this.#workers = workers;
  }

  /**
   * Starts a worker for each element of `starts`.
   *
   * @throws DeviceError where one does not start
   */
  static async start(starts: readonly ThreadStart[], factory: WorkerFactory = makeWorker): Promise<Crew> {
    const workers: ThreadWorker[] = [];
    const crew = new Crew(workers);
    const timer = setTimeout(() => crew.#lost("no answer"), MILLISECONDS_TO_START);
    try {
      await new Promise<void>((resolve, reject) => {
        crew.#lost = (reason) => reject(new DeviceError(refusal(starts.length, reason)));
        crew.#done = resolve;
        for (const start of starts) {
          const worker = factory();
          workers.push(worker);
          crew.#listen(worker, starts.length);
          worker.postMessage(start);
        }
      });
    } catch (error) {
      crew.end();
      throw error instanceof DeviceError ? error : new DeviceError(refusal(starts.length, String(error)));
    } finally {
      clearTimeout(timer); // a program that goes on without threads must not wait for it
    }
    crew.rest();
    return crew;
  }

  /** Sets who hears of the end of a list, and of the end of a worker. */
  listen(done: () => void, lost: (reason: string) => void): void {
    this.#done = done;
    this.#lost = lost;
  }

  #listen(worker: ThreadWorker, threads: number): void {
    const hear = (data: unknown) => {
      const message = data as ThreadMessage;
      if (message.type === "failed") this.#lost(message.message);
      else if (message.type === "done" || ++this.#ready === threads) this.#done();
    };
    if (worker.on) {
      worker.on("message", hear);
      worker.on("error", (error) => this.#lost((error as Error).message));
      worker.on("exit", () => this.#lost("it ended"));
    } else {
      worker.addEventListener?.("message", (event) => hear((event as MessageEvent).data));
      worker.addEventListener?.("error", (event) => {
        const error = event as ErrorEvent;
        error.preventDefault();
        this.#lost(error.message || "the browser did not load it");
      });
    }
  }

  /** While somebody waits for them the process stays. */
  work(): void {
    if (this.#works) return;
    this.#works = true;
    for (const worker of this.#workers) worker.ref?.();
  }

  /** Idle workers keep no process from ending. */
  rest(): void {
    if (!this.#works) return;
    this.#works = false;
    for (const worker of this.#workers) worker.unref?.();
  }

  end(): void {
    this.listen(
      () => undefined,
      () => undefined,
    );
    for (const worker of this.#workers) void worker.terminate();
  }
}

const refusal = (threads: number, reason: string): string =>
  `init: ${threads} threads were asked for, and a worker did not start: ${reason}. A page whose Content-Security-Policy has no ` +
  '"worker-src blob:" needs init({ threads, worker: () => new Worker(url of "torchlet/thread.js") }); threads: 1 needs no worker';
