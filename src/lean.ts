/**
 * The main entry without the kernels inside: all of `torchlet`, but its `init` takes the URL, bytes or module of
 * `torchlet/kernels.wasm`, so that they can be compiled while they stream in.
 *
 * @example
 * ```ts
 * import { init } from "torchlet/lean";
 * await init({ kernels: new URL("./kernels.wasm", import.meta.url) });
 * ```
 *
 * @module torchlet/lean
 */
import type { KernelSource } from "./backend/cpu/module.ts";
import type { Device } from "./backend/device.ts";
import { TorchletError } from "./core/errors.ts";
import { type InitOptions, initFrom } from "./init/init.ts";

export * from "./public.ts";

/**
 * Makes the device ready that tensors, modules and loaders are made on from now on.
 *
 * @param options as for the main entry, and `kernels`: a URL, the bytes, or a compiled module
 * @returns what was chosen; `diagnose` tells why
 * @throws TorchletError without `kernels`
 * @throws DeviceError for a device that cannot be had, and if the URL answers with an error status
 * @throws TypeError if nothing answers at the URL, WebAssembly.CompileError if what it holds is no module
 * @category Devices
 */
export function init(options: InitOptions & { kernels: KernelSource }): Promise<Device> {
  if (options?.kernels === undefined)
    throw new TorchletError(
      'init: torchlet/lean needs { kernels }: the URL, bytes or module of "torchlet/kernels.wasm"',
    );
  return initFrom(() => options.kernels, options);
}
