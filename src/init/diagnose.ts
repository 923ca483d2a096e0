import { defaultDevice } from "../backend/device.ts";
import type { AdapterFacts } from "../backend/webgpu/adapter.ts";
import type { Tiling } from "../backend/webgpu/shaders.ts";
import { liveCounts } from "../lifetime.ts";
import { isAvailable } from "./available.ts";

/**
 * What the last look at WebGPU found; what was not looked at, or is not known, is absent.
 *
 * @category Devices
 */
export interface GpuDiagnosis extends Partial<AdapterFacts> {
  /** The adapter's name, where there is one. */
  readonly adapter?: string;
  /** `"passed"`, or what went wrong. */
  readonly selfTest?: string;
  /** How matrix products are computed: in registers, or in tiles that a workgroup shares. */
  readonly tiling?: Tiling;
  /** Milliseconds of a measured training step on the GPU. */
  readonly stepMs?: number;
  /** Milliseconds of the same step on the CPU. */
  readonly cpuStepMs?: number;
  /** Why `"auto"` took the GPU or left it. */
  readonly reason?: string;
}

/**
 * What `diagnose` tells.
 *
 * @category Devices
 */
export interface Diagnosis {
  /** The default device: `"cpu"` or `"webgpu"`. */
  readonly device: string;
  /** Threads of the CPU that compute. */
  readonly threads: number;
  /** Whether the engine runs WebAssembly SIMD. */
  readonly simd: boolean;
  /** Whether the page or worker is cross-origin isolated; false in Node. */
  readonly crossOriginIsolated: boolean;
  /** What was found out about the GPU; undefined until `init` has looked for one. */
  readonly webgpu: GpuDiagnosis | undefined;
  /** Tensors that operations made and that are still on a device, but for up to 64 small ones on their way to the host. */
  readonly live: number;
  /** Bytes that tensors and their graphs hold on the default device. */
  readonly heldBytes: number;
}

let seen: GpuDiagnosis | undefined;

/** Puts by what was found out about the GPU. */
export function noteGpu(facts: GpuDiagnosis): void {
  seen = facts;
}

/** Adds to what is known. */
export function noteMore(facts: GpuDiagnosis): void {
  seen = { ...seen, ...facts };
}

/**
 * What `init` chose and why, what this engine offers, and what is held now.
 *
 * @throws DeviceError before `init`
 * @category Devices
 */
export function diagnose(): Diagnosis {
  const device = defaultDevice();
  return {
    device: device.type,
    threads: device.threads,
    simd: isAvailable("cpu"),
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    webgpu: seen,
    live: liveCounts().live,
    heldBytes: device.heldBytes,
  };
}
