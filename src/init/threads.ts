import type { createMemory } from "../backend/cpu/cpu.ts";
import type { compileKernels, fetchKernels, KernelSource } from "../backend/cpu/module.ts";
import type { Pool } from "../backend/cpu/pool.ts";
import { canShareMemory, type WorkerFactory } from "../backend/cpu/threads/crew.ts";
import { bytesOfKernels, shareable } from "../backend/cpu/threads/kernels.ts";
import { ThreadsBackend } from "../backend/cpu/threads/threads.ts";
import type { Device } from "../backend/device.ts";
import { DeviceError } from "../core/errors.ts";
import type { yieldToEvents } from "../core/yield.ts";

/** Threads that `init` was asked for. */
export interface ThreadsWish {
  readonly threads: number;
  readonly source: () => KernelSource;
  readonly worker: WorkerFactory | undefined;
}

/** What the part for threads takes of the rest: handed over for the same reason as `Core`. */
export interface ThreadsCore {
  readonly Device: typeof Device;
  readonly Pool: typeof Pool;
  readonly createMemory: typeof createMemory;
  readonly compileKernels: typeof compileKernels;
  readonly fetchKernels: typeof fetchKernels;
  readonly yieldToEvents: typeof yieldToEvents;
  /** One thread's workspace. */
  readonly workspace: { readonly start: number; readonly bytes: number };
  /** A device of this thread. */
  readonly alone: (source: () => KernelSource) => Promise<Device>;
}

/**
 * A device whose kernels run in workers. On this thread stays what the host needs at once.
 *
 * @throws DeviceError where memory cannot be shared, or a worker does not start
 */
export async function openThreads(core: ThreadsCore, { threads, source, worker }: ThreadsWish): Promise<Device> {
  if (!canShareMemory())
    throw new DeviceError(
      `init: ${threads} threads need shared memory, which this page or runtime does not offer: serve the page with the headers ` +
        "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave threads out",
    );
  const bytes = await bytesOfKernels(source(), core.fetchKernels);
  const module = await core.compileKernels(shareable(bytes));
  const { memory, maximumPages } = core.createMemory(undefined, true);
  const poolFrom = (start: number) => new core.Pool(memory, start);
  const { workspace, yieldToEvents } = core;
  const parts = {
    module,
    memory,
    maximumPages,
    threads,
    factory: worker,
    workspace,
    yieldToEvents,
    poolFrom,
  };
  const backend = await ThreadsBackend.start(parts);
  const { math, host } = await core.alone(() => bytes);
  return new core.Device({ type: "cpu", threads, backend, math, host });
}
