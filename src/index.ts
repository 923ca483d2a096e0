/**
 * torchlet: train neural networks in JavaScript with PyTorch's API and PyTorch's numbers.
 *
 * @module
 */
import kernels from "../build/kernels.wasm";
import type { Device } from "./backend/device.ts";
import { type InitOptions, initFrom } from "./init/init.ts";

export * from "./public.ts";

/**
 * Makes the device ready that tensors, modules and loaders are made on from now on. Call it once, before all else but
 * `manualSeed`.
 *
 * @returns what was chosen
 * @throws DeviceError for a device or a number of threads that cannot be had
 */
export const init = (options?: InitOptions): Promise<Device> => initFrom(() => kernels, options);
