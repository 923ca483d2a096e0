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
  const response = await fetchKernels(source);
  const isWasm = response.headers.get("content-type") === "application/wasm";
  return compile(isWasm ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
}

/** The answer that holds the kernels. @throws DeviceError where it is none */
export async function fetchKernels(source: URL | string): Promise<Response> {
  const response = await fetch(source);
  if (!response.ok) throw new DeviceError(`cpu: fetching the kernels from ${source} answered ${response.status}`);
  return response;
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

/** Instantiates the kernels over a memory. */
export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Exports> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as Exports;
}

/** A function of the kernels. @throws DeviceError where they have none of that name */
export function exportOf(exports: Exports, name: string): (...args: number[]) => number {
  const found = exports[name];
  if (found === undefined) throw new DeviceError(`cpu: the kernels export no ${name}; they are of another version`);
  return found;
}

/** The float64 functions that every engine computes alike. */
export function scalarMathOf(exports: Exports): ScalarMath {
  const of = (name: string) => exportOf(exports, name);
  return {
    log1p: of("scalarLog1p"),
    sin: of("scalarSin"),
    cos: of("scalarCos"),
    exp: of("scalarExp"),
    log: of("scalarLog"),
    pow: of("scalarPow"),
  };
}
