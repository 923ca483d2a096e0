import { init } from "../../src/index.ts";

interface Choice {
  readonly torchletDevice?: "cpu" | "webgpu";
  readonly torchletThreads?: number;
}
const { torchletDevice, torchletThreads } = globalThis as Choice;

/** What this run of the tests computes on: the bundles for the GPU and for threads set it, one thread of the CPU otherwise. */
export const deviceName = torchletDevice ?? "cpu";
/** On how many threads of the CPU. */
export const threads = torchletThreads ?? 1;

/** Makes the device under test the default; a test file that calls it also runs on WebGPU and on threads, in bundles of their own. */
export async function useDevice(): Promise<void> {
  await init({ device: deviceName, threads });
}

/** Makes one thread of the CPU the default device, for files that test what no device changes. */
export async function useCpu(): Promise<void> {
  await init({ device: "cpu" });
}
