import type { yieldToEvents } from "../../../core/yield.ts";
import type { Pool } from "../pool.ts";
import { Crew, type WorkerFactory } from "./crew.ts";
import { newShared, Ring } from "./ring.ts";
import { functionsOf, Runner } from "./runner.ts";

const PAGE = 65536;

/** What a threaded backend stands on. */
export interface ThreadsParts {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly maximumPages: number;
  readonly threads: number;
  readonly factory?: WorkerFactory | undefined;
  /** Where one thread's workspace lies, and its bytes: those of several follow each other from there, whole pages apart. */
  readonly workspace: { readonly start: number; readonly bytes: number };
  readonly yieldToEvents: typeof yieldToEvents;
  /** Blocks of the memory from an address on. */
  readonly poolFrom: (start: number) => Pool;
}

/** Bytes from one thread's workspace to the next one's. */
const spaceOf = ({ workspace }: ThreadsParts): number => Math.ceil(workspace.bytes / PAGE) * PAGE;

/** The first address behind the workspaces. */
export const baseOf = (parts: ThreadsParts): number => parts.workspace.start + parts.threads * spaceOf(parts);

/** Whether the thread that queues may compute: a page's own thread stays free for the page. */
const isPage = (): boolean => "document" in globalThis;

/**
 * Starts the workers, one less than there are threads where this one computes along.
 *
 * @throws DeviceError where a worker does not start
 */
export async function startThreads(parts: ThreadsParts): Promise<{ crew: Crew; ring: Ring }> {
  const { module, memory, threads, factory } = parts;
  const tell = typeof Atomics.waitAsync !== "function";
  // The workspaces must be there before a thread can touch them.
  const missing = Math.ceil((baseOf(parts) - memory.buffer.byteLength) / PAGE);
  if (missing > 0) memory.grow(missing);
  const shared = newShared(memory, threads);
  const workspaceOf = (thread: number) => parts.workspace.start + thread * spaceOf(parts);
  const workers = isPage() ? threads : threads - 1;
  const starts = Array.from({ length: workers }, (_, thread) => {
    return { ...shared, module, thread, workspace: workspaceOf(thread), tell };
  });
  const crew = await Crew.start(starts, factory);
  if (workers === threads) return { crew, ring: new Ring(shared, undefined) };
  const functions = await functionsOf(module, memory);
  const runner = new Runner(shared, functions, workers, workspaceOf(workers), () => undefined);
  return { crew, ring: new Ring(shared, runner) };
}
