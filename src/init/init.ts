import { createMemory, CpuBackend } from "../backend/cpu/cpu.ts";
import { hostModuleOf } from "../backend/cpu/host.ts";
import { compileKernels, instantiateKernels, type KernelSource, scalarMathOf } from "../backend/cpu/module.ts";
import { Device, findDevice, setDefaultDevice } from "../backend/device.ts";
import { findGpu, openAdapter } from "../backend/webgpu/adapter.ts";
import { DeviceError } from "../core/errors.ts";
import { installMethods } from "../methods.ts";
import { isAvailable } from "./available.ts";
import { chooseGpu, openGpu } from "./gpu.ts";

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
  /** Threads that compute; this version computes on one, and takes no other number than 1. */
  threads?: number;
}

/**
 * Makes a device ready and the default for tensors, modules and loaders made from now on. What exists stays where it is.
 *
 * @param source the kernels
 * @returns what was chosen
 * @throws DeviceError for a device or a number of threads that cannot be had
 */
export async function initFrom(source: () => KernelSource, options: InitOptions = {}): Promise<Device> {
  const { device = "auto", threads = 1 } = options;
  if (device !== "auto" && device !== "cpu" && device !== "webgpu")
    throw new DeviceError(`init: device must be "auto", "cpu" or "webgpu", got ${JSON.stringify(device)}`);
  if (threads !== 1)
    throw new DeviceError(`init: this version computes on 1 thread, got threads: ${threads}; leave the option out`);
  if (!isAvailable("cpu"))
    throw new DeviceError(
      "init: this engine runs no WebAssembly SIMD; it needs Node 16.4, Deno 1.9, Chrome 91, Firefox 89, Safari 16.4 or later",
    );
  const cpu = await once("cpu", () => findDevice("cpu") ?? cpuDevice(source));
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

async function cpuDevice(source: () => KernelSource): Promise<Device> {
  const module = await compileKernels(source());
  const { memory, maximumPages } = createMemory();
  const exports = await instantiateKernels(module, memory);
  const backend = new CpuBackend(exports, memory, maximumPages);
  installMethods();
  return new Device({ type: "cpu", threads: 1, backend, math: scalarMathOf(exports), host: hostModuleOf(backend) });
}

/** What `"auto"` came to: looking again would test and measure the same GPU again. */
let choice: Device | undefined;

async function gpuDevice(cpu: Device, wish: "auto" | "webgpu"): Promise<Device> {
  if (wish === "auto") {
    // A GPU that was lost for good computes on the CPU by now, and is no choice any more.
    const stands = choice && !choice.isLost && (choice === cpu || choice.type === "webgpu");
    if (choice === undefined || !stands) choice = await chooseGpu(cpu, await findGpu());
    return choice;
  }
  const ready = findDevice("webgpu");
  return ready?.type === "webgpu" && !ready.isLost ? ready : openGpu(cpu, await openAdapter(await findGpu(), true));
}
