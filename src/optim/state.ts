import type { NdArray } from "../array.ts";

/** State arrays of one parameter by name, e.g. `expAvg`, and how many steps it has taken. */
export interface ParamState {
  step: number;
  readonly arrays: Map<string, NdArray>;
  /** Makes an array of zeros that `arrays` then holds; absent where it is an array like any other. */
  readonly make?: (name: string) => NdArray;
}

/** A state array on the host. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The whole state, by the parameters' positions in the order of the groups, as PyTorch's. */
export interface OptimizerState<Options> {
  readonly state: Readonly<Record<number, { readonly step: number } & Readonly<Record<string, HostArray | number>>>>;
  readonly paramGroups: readonly (Options & { readonly params: readonly number[] })[];
}
