import { createMemory, CpuBackend, WORKSPACE, WORKSPACE_BYTES } from "../backend/cpu/cpu.ts";
import { hostModuleOf } from "../backend/cpu/host.ts";
import {
  compileKernels,
  fetchKernels,
  instantiateKernels,
  type KernelSource,
  scalarMathOf,
} from "../backend/cpu/module.ts";
import { Pool } from "../backend/cpu/pool.ts";
import type { WorkerFactory } from "../backend/cpu/threads/crew.ts";
import { Device, findDevice, setDefaultDevice } from "../backend/device.ts";
import { findGpu } from "../backend/webgpu/findGpu.ts";
import { DeviceError } from "../core/errors.ts";
import { yieldToEvents } from "../core/yield.ts";
import { furnish } from "../lifetime.ts";
import { installMethods } from "../methods.ts";
import { isAvailable } from "./available.ts";
import { CORE } from "./core.ts";
import { noteGpu } from "./diagnose.ts";
import type { ThreadsWish } from "./threads.ts";

/** The most threads that `init` starts. */
export const MAX_THREADS = 64;

/**
 * What `init` takes.
 *
 * @category Devices
 */
export interface InitOptions {
  /**
   * `"cpu"` is the AssemblyScript module, `"webgpu"` the WGSL shaders, on a software adapter too where there is no other.
   * `"auto"`, the default, takes a hardware GPU that passes the self-test and trains faster than the CPU, else the CPU.
   */
  device?: "auto" | "cpu" | "webgpu";
  /**
   * Threads of the CPU that compute, 1 to 64; 1 by default. More than one need shared memory: pages must be cross-origin isolated.
   * The calling thread is one of them, but not in a page, where as many workers compute. The results are the same bits for any number.
   */
  threads?: number;
  /** Makes a worker that runs `torchlet/thread.js`, for pages whose policy forbids workers made of texts. */
  worker?: WorkerFactory;
}

/**
 * The first that have all that the package uses: WebAssembly SIMD, ES2023 (`Array.prototype.with`), `DecompressionStream`,
 * and outside the browser `process.getBuiltinModule`. Chrome 113 has the V8 of Node 20; Firefox and Safari by MDN's tables.
 */
const ENGINES = "Node 20.16, Deno 2.1, Bun 1.3.3, Chrome 113, Firefox 115, Safari 16.4 or later";

/**
 * Makes a device ready and the default for tensors, modules and loaders made from now on. What exists stays where it is.
 *
 * @param source the kernels
 * @returns what was chosen
 * @throws DeviceError for a device or a number of threads that cannot be had
 */
export async function initFrom(source: () => KernelSource, options: InitOptions = {}): Promise<Device> {
  const { device = "auto", threads = 1, worker } = options;
  if (device !== "auto" && device !== "cpu" && device !== "webgpu")
    throw new DeviceError(`init: device must be "auto", "cpu" or "webgpu", got ${JSON.stringify(device)}`);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS)
    throw new DeviceError(`init: threads must be a whole number from 1 to ${MAX_THREADS}, got ${threads}`);
  if (!isAvailable("cpu"))
    throw new DeviceError(
      `init: this engine runs no WebAssembly SIMD; torchlet needs ${ENGINES}, with WebAssembly allowed`,
    );
  const cpu = await once(`cpu ${threads}`, () => cpuWith(threads, source, worker));
  const made = device === "cpu" ? cpu : await once(device, () => gpuDevice(cpu, device));
  setDefaultDevice(made);
  return made;
}

const pending = new Map<string, Promise<Device>>();

/** Runs `make`, or waits for the call of the same name that is under way. */
function once(name: string, make: () => Device | Promise<Device>): Promise<Device> {
  const known = pending.get(name);
  if (known) return known;
  const made = Promise.resolve(make()).finally(() => pending.delete(name));
  pending.set(name, made);
  return made;
}

/** The CPU device of the last `init` if it has as many threads, else another one. */
function cpuWith(threads: number, source: () => KernelSource, worker?: WorkerFactory): Device | Promise<Device> {
  const ready = findDevice("cpu");
  if (ready?.type === "cpu" && ready.threads === threads && !ready.isLost) return ready;
  return threads === 1 ? cpuDevice(source) : threadedDevice({ threads, source, worker });
}

async function threadedDevice(wish: ThreadsWish): Promise<Device> {
  const { openThreads } = await part("threads", () => import("./threads.ts"));
  const workspace = { start: WORKSPACE, bytes: WORKSPACE_BYTES };
  const compiling = { createMemory, compileKernels, fetchKernels };
  return openThreads({ Device, Pool, ...compiling, yieldToEvents, workspace, alone: cpuDevice }, wish);
}

async function cpuDevice(source: () => KernelSource): Promise<Device> {
  const module = await compileKernels(source());
  const { memory, maximumPages } = createMemory();
  const exports = await instantiateKernels(module, memory);
  const backend = new CpuBackend(exports, memory, maximumPages);
  installMethods();
  return new Device({ type: "cpu", threads: 1, backend, math: scalarMathOf(exports), host: hostModuleOf(backend) });
}

/**
 * Imports a part of the package that not every page needs, and the attic, which the devices of both need. Bundlers make files of
 * their own of them, which the others never load.
 *
 * @throws DeviceError where that file cannot be loaded
 */
async function part<T>(name: "GPUs" | "threads", load: () => Promise<T>): Promise<T> {
  try {
    const { Attic } = await import("../attic.ts");
    furnish(Attic);
    return await load();
  } catch (error) {
    throw new DeviceError(
      `init: the package's part for ${name} does not load (${messageOf(error)}); serve all of its files, or call init({ device: "cpu" })`,
    );
  }
}

/** Shaders, backend, self-test. */
const gpuPart = (): Promise<typeof import("./gpu.ts")> => part("GPUs", () => import("./gpu.ts"));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What `"auto"` came to: looking again would test and measure the same GPU again. */
let choice: Device | undefined;

async function gpuDevice(cpu: Device, wish: "auto" | "webgpu"): Promise<Device> {
  if (wish === "auto") {
    // A GPU that was lost for good computes on the CPU by now, and is no choice any more.
    const stands = choice && !choice.isLost && (choice === cpu || choice.type === "webgpu");
    if (choice === undefined || !stands) choice = await chooseDevice(cpu);
    return choice;
  }
  const ready = findDevice("webgpu");
  if (ready?.type === "webgpu" && !ready.isLost) return ready;
  const gpu = await findGpu();
  const { openAdapter, openGpu } = await gpuPart();
  return openGpu(CORE, cpu, await openAdapter(gpu, true));
}

/** The device that `"auto"` takes. Without a GPU, or without the part for it, it is the CPU; `diagnose` tells why. */
async function chooseDevice(cpu: Device): Promise<Device> {
  let found: [GPU, Awaited<ReturnType<typeof gpuPart>>];
  try {
    found = [await findGpu(), await gpuPart()];
  } catch (error) {
    noteGpu({ reason: messageOf(error) });
    return cpu;
  }
  const [gpu, { chooseGpu }] = found;
  return chooseGpu(CORE, cpu, gpu);
}
