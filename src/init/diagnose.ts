import { heldBytes } from "../array.ts";
import { defaultDevice } from "../backend/device.ts";
import type { AdapterFacts } from "../backend/webgpu/adapter.ts";
import type { Tiling } from "../backend/webgpu/shaders.ts";
import { liveCounts } from "../lifetime.ts";
import { isAvailable } from "./available.ts";

/** What the last look at WebGPU found. */
export interface GpuDiagnosis extends Partial<AdapterFacts> {
  /** The adapter's name, where there is one. */
  readonly adapter?: string;
  /** `"passed"`, or what went wrong. */
  readonly selfTest?: string;
  /** How products are computed. */
  readonly tiling?: Tiling;
  /** Milliseconds of a measured training step on the GPU and on the CPU. */
  readonly stepMs?: number;
  readonly cpuStepMs?: number;
  /** Why `"auto"` took the GPU or left it. */
  readonly reason?: string;
}

/** What `diagnose` tells. */
export interface Diagnosis {
  readonly device: string;
  readonly threads: number;
  readonly simd: boolean;
  readonly crossOriginIsolated: boolean;
  /** Undefined until `init` has looked for a GPU. */
  readonly webgpu: GpuDiagnosis | undefined;
  /** Tensors that operations made and that are still on the device, and the bytes they and their graphs hold. */
  readonly live: number;
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

/** What was chosen, and what this engine offers. @throws DeviceError before `init` */
export function diagnose(): Diagnosis {
  const device = defaultDevice();
  return {
    device: device.type,
    threads: device.threads,
    simd: isAvailable("cpu"),
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
    webgpu: seen,
    live: liveCounts().live,
    heldBytes: heldBytes(device),
  };
}
