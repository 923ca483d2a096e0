import type { Call, Ready } from "./protocol.ts";
import { WorkerError } from "./workerError.ts";

/** The channel between a worker and its owner, as either side of it sees the other. */
export interface Scope {
  readonly post: (message: Ready | Call, transfer: readonly MessagePort[]) => void;
  readonly listen: (hear: (data: unknown) => void) => void;
}

/** A worker of node:worker_threads, or its port to the thread that made it: what is used of it. */
export interface ThreadLike {
  /** Sends a clone. */
  postMessage(message: unknown, transfer: never[]): void;
  /** Hears of messages. */
  on(event: string, listener: (value: unknown) => void): unknown;
}

/** A worker of the web, in browsers, Deno and Bun, or the global scope of one: what is used of it. */
export interface WebWorkerLike {
  /** Sends a clone. */
  postMessage(message: unknown, transfer: never[]): void;
  /** Hears of messages. */
  addEventListener(type: string, listener: (event: unknown) => void): void;
}

/** A worker of either kind as a channel. */
export function scopeOf(worker: ThreadLike | WebWorkerLike): Scope {
  const post: Scope["post"] = (message, transfer) => worker.postMessage(message, transfer as never[]);
  if ("addEventListener" in worker)
    return {
      post,
      listen: (hear) => worker.addEventListener("message", (event) => hear((event as MessageEvent).data)),
    };
  return { post, listen: (hear) => void worker.on("message", hear) };
}

interface Threads {
  readonly parentPort: ThreadLike | null;
}

interface Global {
  readonly document?: unknown;
  readonly window?: unknown;
  readonly process?: { getBuiltinModule?: (name: string) => Threads | undefined };
}

/**
 * The channel from a worker to the thread that made it.
 *
 * @throws WorkerError outside of a worker
 */
export function ownScope(): Scope {
  const { document, window, process } = globalThis as Global;
  // Asked first: in Node it is the only channel, and on the main thread of Bun there is a postMessage too, but no port.
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads?.parentPort) return scopeOf(threads.parentPort);
  const isWeb = document === undefined && window === undefined && "postMessage" in globalThis && !threads;
  const isDeno = "WorkerGlobalScope" in globalThis && "postMessage" in globalThis;
  if (isWeb || isDeno) return scopeOf(globalThis as unknown as WebWorkerLike);
  throw new WorkerError(
    'serveTraining: this is not a worker; call it in the file that new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" }) loads',
  );
}
