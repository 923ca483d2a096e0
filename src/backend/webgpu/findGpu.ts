import { DeviceError } from "../../core/errors.ts";
import { nodeGpu } from "./nodeGpu.ts";

interface Runtime {
  readonly navigator?: { readonly gpu?: GPU };
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: unknown;
}

/**
 * WebGPU's entry point: the platform's own, or in Node the npm package `webgpu` where it is installed.
 *
 * @throws DeviceError where there is neither
 */
export async function findGpu(runtime: Runtime = globalThis as Runtime): Promise<GPU> {
  const isNode = runtime.process?.versions?.["node"] && !runtime.Deno;
  const gpu = runtime.navigator?.gpu ?? (isNode ? await nodeGpu() : undefined);
  if (gpu) return gpu;
  throw new DeviceError(
    'webgpu: this runtime has no navigator.gpu; use a current browser (and a secure page), Deno, or the npm package webgpu in Node, or init({ device: "cpu" })',
  );
}

/** Whether the platform may have WebGPU, as far as can be told at once. */
export const mayHaveGpu = (runtime: Runtime = globalThis as Runtime): boolean => runtime.navigator?.gpu !== undefined;
