/**
 * torchlet: train neural networks in JavaScript with PyTorch's API and PyTorch's numbers.
 *
 * @module
 */
import type { Device } from "./backend/device.ts"; // a type first: the words above stay at the head of the declarations
import { type InitOptions, initFrom } from "./init/init.ts";
import kernels from "../build/kernels.wasm";

export * from "./public.ts";

/**
 * Makes the device ready that tensors, modules and loaders are made on from now on. Call it once, before all else but
 * `manualSeed`.
 *
 * @returns what was chosen
 * @throws DeviceError for a device or a number of threads that cannot be had
 */
export const init = (options?: InitOptions): Promise<Device> => initFrom(() => kernels, options);
