/**
 * Train neural networks in JavaScript with PyTorch's API and PyTorch's numbers: devices, tensors, autograd, modules (`nn`),
 * optimizers (`optim`) and functions (`F`). The kernels travel inside.
 *
 * @example
 * ```ts
 * import { init, manualSeed, nn, optim, randn } from "torchlet";
 *
 * await init();
 * manualSeed(0);
 * const model = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(16, 2));
 * const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
 * const loss = model(randn(8, 4)).mean();
 * optimizer.zeroGrad();
 * loss.backward();
 * await optimizer.step();
 * ```
 *
 * @module torchlet
 */
import type { Device } from "./backend/device.ts"; // a type first: the words above stay at the head of the declarations
import { type InitOptions, initFrom } from "./init/init.ts";
import kernels from "../build/kernels.wasm";
import { unpackKernels } from "./init/packedKernels.ts";

export * from "./public.ts";

/**
 * Makes the device ready that tensors, modules and loaders are made on from now on. Call it before all else but `manualSeed`;
 * called again it moves nothing that exists.
 *
 * @param options which device; the best one that passed the self-test unless given
 * @returns what was chosen; `diagnose` tells why
 * @throws DeviceError for a device or a number of threads that cannot be had, and where the engine runs no WebAssembly SIMD
 * @throws OutOfMemoryError if the engine grants no memory of 64 MiB
 * @example
 * ```ts
 * const device = await init();                 // a hardware GPU that is faster than the CPU, else the CPU
 * await init({ device: "cpu" });
 * ```
 * @category Devices
 */
export const init = (options?: InitOptions): Promise<Device> => initFrom(() => unpackKernels(kernels), options);
