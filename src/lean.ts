/**
 * The main entry without the kernels inside: `init` takes their URL, bytes or module (`torchlet/kernels.wasm`), so that they
 * can be compiled while they stream in.
 *
 * @module
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
 * @throws DeviceError
 */
export function init(options: InitOptions & { kernels: KernelSource }): Promise<Device> {
  if (options?.kernels === undefined)
    throw new TorchletError(
      'init: torchlet/lean needs { kernels }: the URL, bytes or module of "torchlet/kernels.wasm"',
    );
  return initFrom(() => options.kernels, options);
}
