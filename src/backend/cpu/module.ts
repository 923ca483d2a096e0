import { DeviceError } from "../../core/errors.ts";
import type { ScalarMath } from "../../core/scalarMath.ts";

/** The exports of the AssemblyScript module, by name. */
export type Exports = Readonly<Record<string, (...args: number[]) => number>>;

/**
 * What can stand for the compiled kernels: their bytes, a module, or the URL to fetch them from (compiled while they stream in
 * where it answers with `application/wasm`).
 *
 * @category Devices
 */
export type KernelSource = Uint8Array<ArrayBuffer> | ArrayBuffer | WebAssembly.Module | URL | string;

/**
 * Compiles the kernels, streaming them where a URL is given.
 *
 * @throws DeviceError if they cannot be fetched, or the engine refuses to compile them
 */
export async function compileKernels(source: KernelSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (!(typeof source === "string" || source instanceof URL)) return compile(WebAssembly.compile(source));
  const response = await fetch(source);
  if (!response.ok) throw new DeviceError(`cpu: fetching the kernels from ${source} answered ${response.status}`);
  const isWasm = response.headers.get("content-type") === "application/wasm";
  return compile(isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
}

/** Engines tell a policy that forbids WebAssembly by the same error as broken bytes, in words of their own. */
function compile(compiling: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> {
  return compiling.catch((cause: unknown) => {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new DeviceError(
      `cpu: the engine refuses to compile the kernels: ${text}; if this page has a Content-Security-Policy, add 'wasm-unsafe-eval' to its script-src`,
      { cause },
    );
  });
}

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
export async function bytesOfKernels(source: KernelSource): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof WebAssembly.Module)
    throw new DeviceError("init: threads need the kernels as a URL or as bytes, not as a compiled module");
  if (!(typeof source === "string" || source instanceof URL))
    return source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  const response = await fetch(source);
  if (!response.ok) throw new DeviceError(`cpu: fetching the kernels from ${source} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Instantiates the kernels over a memory. */
export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Exports> {
  const abort = () => {
    throw new DeviceError("cpu: a kernel aborted");
  };
  const instance = await WebAssembly.instantiate(module, { env: { memory, abort } });
  return instance.exports as Exports;
}

/** The float64 functions that every engine computes alike. */
export function scalarMathOf(exports: Exports): ScalarMath {
  const of = (name: string) => {
    const found = exports[name];
    if (found === undefined) throw new DeviceError(`cpu: the kernels export no ${name}; they are of another version`);
    return found;
  };
  return {
    log1p: of("scalarLog1p"),
    sin: of("scalarSin"),
    cos: of("scalarCos"),
    exp: of("scalarExp"),
    log: of("scalarLog"),
    pow: of("scalarPow"),
  };
}
