import { DeviceError } from "../../../core/errors.ts";
import type { fetchKernels, KernelSource } from "../module.ts";

const MAXIMUM = 1;
const SHARED = 2;

/**
 * The kernels for a memory that threads share: one bit of one byte in the import section says so. Kernels know nothing of
 * threads, so that everything else stays as it is.
 */
export function shareable(kernels: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = kernels.slice();
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const next = number() + at;
    if (section === 2)
      for (let imports = number(); imports > 0; imports--) {
        for (let names = 0; names < 2; names++) at = number() + at;
        const kind = bytes[at++];
        if (kind === 2) {
          bytes[at] = MAXIMUM | SHARED;
          return bytes;
        }
        number(); // what else is imported are functions, by their types
      }
    at = next;
  }
  throw new DeviceError("cpu: the kernels import no memory; they are of another version");
}

/** The bytes of kernels. @throws DeviceError for a compiled module, whose bytes nobody can have */
export async function bytesOfKernels(
  source: KernelSource,
  fetchThem: typeof fetchKernels,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof WebAssembly.Module)
    throw new DeviceError("init: threads need the kernels as a URL or as bytes, not as a compiled module");
  if (!(typeof source === "string" || source instanceof URL))
    return source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  return new Uint8Array(await (await fetchThem(source)).arrayBuffer());
}
