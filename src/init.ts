import { createMemory, CpuBackend } from "./backend/cpu/cpu.ts";
import { hostModuleOf } from "./backend/cpu/host.ts";
import { compileKernels, instantiateKernels, type KernelSource, scalarMathOf } from "./backend/cpu/module.ts";
import { defaultDevice, Device, findDevice, setDefaultDevice } from "./backend/device.ts";
import { DeviceError } from "./core/errors.ts";
import { heldBytes } from "./array.ts";
import { liveCounts } from "./lifetime.ts";
import { installMethods } from "./methods.ts";

/** What `init` takes. */
export interface InitOptions {
  /** `"cpu"` is the AssemblyScript module; `"auto"`, the default, is the best device of this version, which is the same. */
  device?: "auto" | "cpu";
  /** Threads that compute; this version computes on one. */
  threads?: number;
}

/** Whether a device of that name can be had here. */
export const isAvailable = (device: string): boolean =>
  device === "cpu" && typeof WebAssembly === "object" && WebAssembly.validate(SIMD_PROBE);

/** The smallest module that holds a SIMD instruction: (func (result v128) (v128.const …)). */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/**
 * Makes a device ready and the default for tensors, modules and loaders made from now on. What exists stays where it is.
 *
 * @param source the kernels
 * @returns what was chosen
 * @throws DeviceError for a device or a number of threads that cannot be had
 */
export async function initFrom(source: () => KernelSource, options: InitOptions = {}): Promise<Device> {
  const { device = "auto", threads = 1 } = options;
  if (device !== "auto" && device !== "cpu")
    throw new DeviceError(`init: device must be "auto" or "cpu" in this version, got ${JSON.stringify(device)}`);
  if (threads !== 1)
    throw new DeviceError(`init: this version computes on 1 thread, got threads: ${threads}; leave the option out`);
  if (!isAvailable("cpu"))
    throw new DeviceError(
      "init: this engine runs no WebAssembly SIMD; it needs Node 16.4, Deno 1.9, Chrome 91, Firefox 89, Safari 16.4 or later",
    );
  pending ??= cpuDevice(source).finally(() => {
    pending = undefined;
  });
  const made = findDevice("cpu") ?? (await pending);
  setDefaultDevice(made);
  return made;
}

let pending: Promise<Device> | undefined;

async function cpuDevice(source: () => KernelSource): Promise<Device> {
  const module = await compileKernels(source());
  const { memory, maximumPages } = createMemory();
  const exports = await instantiateKernels(module, memory);
  const backend = new CpuBackend(exports, memory, maximumPages);
  installMethods();
  return new Device({ type: "cpu", threads: 1, backend, math: scalarMathOf(exports), host: hostModuleOf(backend) });
}

/** What `diagnose` tells. */
export interface Diagnosis {
  readonly device: string;
  readonly threads: number;
  readonly simd: boolean;
  readonly crossOriginIsolated: boolean;
  /** Tensors that operations made and that are still on the device, and the bytes they and their graphs hold. */
  readonly live: number;
  readonly heldBytes: number;
}

/** What was chosen, and what this engine offers. @throws DeviceError before `init` */
export function diagnose(): Diagnosis {
  const device = defaultDevice();
  return {
    device: device.type,
    threads: device.threads,
    simd: isAvailable("cpu"),
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    live: liveCounts().live,
    heldBytes: heldBytes(device),
  };
}
