import type { Split } from "./split.ts";

/** How a scalar parameter reaches a kernel. */
export type ParamType = "u32" | "i32" | "f32";

/** Invocations in one workgroup of every shader. */
export const WORKGROUP = 64;

/**
 * One kernel's signature: what it is called in `assembly/` and `shaders/`, the buffers it reads and writes, and its scalars.
 * Buffers come first (reads, then writes), scalars last, in this order on every device.
 */
export interface Kernel {
  readonly name: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly params: readonly (readonly [name: string, type: ParamType])[];
  /** True where the CPU kernel takes, after its buffers, the address of the running thread's workspace. */
  readonly workspace: boolean;
  /** How many invocations of the shader have something to do; `WORKGROUP` of them share memory and barriers. */
  readonly threads: (params: readonly number[]) => number;
  /** How threads of the CPU share the work; one of them does it all where it is undefined. */
  readonly split: Split | undefined;
  /** Its number among the kernels that `numberOf` was asked for. */
  number: number | undefined;
}

let numbered = 0;

/** A kernel's number, from 0: a field of its own is found faster than an entry of a Map. */
export const numberOf = (kernel: Kernel): number => (kernel.number ??= numbered++);

/** One invocation for each element: what a kernel's first parameter counts. */
const eachElement = ([n = 0]: readonly number[]): number => n;

/**
 * Declares a kernel's signature.
 *
 * @param params names and types, in order
 * @param threads of the parameters, in the same order; the first one unless given
 */
export function kernel(
  name: string,
  signature: {
    reads: readonly string[];
    writes: readonly string[];
    params: Readonly<Record<string, ParamType>>;
    workspace?: boolean;
    threads?: (params: readonly number[]) => number;
    split?: Split;
  },
): Kernel {
  const { reads, writes, params, workspace = false, threads = eachElement, split } = signature;
  return { name, reads, writes, params: Object.entries(params), workspace, threads, split, number: undefined };
}
