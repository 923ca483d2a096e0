import { mayHaveGpu } from "../backend/webgpu/findGpu.ts";

/**
 * Whether a device of that name can be had here, as far as can be told at once; only `init` knows if a GPU serves. May be called
 * before `init`.
 *
 * @param device `"cpu"`: whether the engine runs WebAssembly SIMD; `"webgpu"`: whether there is a `navigator.gpu`, which in Node
 *   there is not, though `init` finds the npm package webgpu; any other name gives false
 * @category Devices
 */
export function isAvailable(device: string): boolean {
  if (device === "webgpu") return mayHaveGpu();
  return device === "cpu" && typeof WebAssembly === "object" && WebAssembly.validate(SIMD_PROBE);
}

/** The smallest module that holds a SIMD instruction: (func (result v128) (v128.const …)). */
const SIMD_PROBE = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);
