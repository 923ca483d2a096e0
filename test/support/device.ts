import { init } from "../../src/index.ts";

/** What this run of the tests computes on: the bundle for the GPU sets it, `cpu` otherwise. */
export const deviceName = (globalThis as { torchletDevice?: "cpu" | "webgpu" }).torchletDevice ?? "cpu";

/** Makes the device under test the default; a test file that calls it runs on the CPU and, in a bundle of its own, on WebGPU. */
export async function useDevice(): Promise<void> {
  await init({ device: deviceName });
}

/** Makes the CPU device the default, for files that test what no device changes. */
export async function useCpu(): Promise<void> {
  await init({ device: "cpu" });
}
