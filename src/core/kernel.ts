/** How a scalar parameter reaches a kernel. */
export type ParamType = "u32" | "i32" | "f32";

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
}

/**
 * Declares a kernel's signature.
 *
 * @param params names and types, in order
 */
export function kernel(
  name: string,
  signature: {
    reads: readonly string[];
    writes: readonly string[];
    params: Readonly<Record<string, ParamType>>;
    workspace?: boolean;
  },
): Kernel {
  const { reads, writes, params, workspace = false } = signature;
  return { name, reads, writes, params: Object.entries(params), workspace };
}
