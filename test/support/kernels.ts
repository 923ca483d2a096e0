// The kernels alone: the module's exports over a memory of its own, no backend between.
import packed from "../../build/kernels.wasm";
import { unpackKernels } from "../../src/init/packedKernels.ts";

type Kernel = (...args: number[]) => number;

type HostArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const FIRST = 65536; // past the module's own data

export const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });

const imports = {
  env: {
    memory,
    abort: (): never => {
      throw new Error("the module called abort");
    },
  },
};
const { instance } = await WebAssembly.instantiate(unpackKernels(packed), imports);

/** The module's functions by name; a name it does not export throws. */
export const kernels: Record<string, Kernel> = new Proxy<Record<string, Kernel>>(
  {},
  {
    get: (_, name): Kernel => {
      const found = instance.exports[String(name)];
      if (typeof found !== "function") throw new Error(`the module exports no function ${String(name)}`);
      return found as Kernel;
    },
  },
);

let top = FIRST;

/** Takes back all that `put` gave. */
export function reset(): void {
  top = FIRST;
}

/** Copies `values` to a new 16-byte aligned place and returns its address. */
export function put(values: ArrayBufferView): number {
  const address = top;
  if (address + values.byteLength > memory.buffer.byteLength)
    throw new Error(`put: ${values.byteLength} bytes do not fit behind ${address}; call reset() between tests`);
  new Uint8Array(memory.buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
  top = (address + values.byteLength + 15) & ~15;
  return address;
}

/** A copy of `n` elements at `address`. */
export function take<T extends HostArray>(
  type: { new (buffer: ArrayBuffer, byteOffset: number, length: number): T },
  address: number,
  n: number,
): T {
  const view = new type(memory.buffer, address, n);
  return view.slice() as T;
}
