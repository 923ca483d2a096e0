import { type NdArray, upload } from "../array.ts";
import type { Device } from "../backend/device.ts";

/** State arrays of one parameter by name, e.g. `expAvg`, and how many steps it has taken. */
export interface ParamState {
  step: number;
  readonly arrays: Map<string, NdArray>;
  /** Makes an array of zeros that `arrays` then holds; absent where it is an array like any other. */
  readonly make?: (name: string) => NdArray;
}

/** A state array on the host. */
export interface HostArray {
  /** The parameter's shape. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: Float32Array;
}

/** The whole state, by the parameters' positions in the order of the groups, as PyTorch's. */
export interface OptimizerState<Options> {
  /** By the parameter's place: its steps, and its arrays, as `expAvg`, `expAvgSq` or `momentumBuffer`. */
  readonly state: Readonly<
    Record<
      number,
      {
        /** Steps that the parameter has taken. */
        readonly step: number;
      } & Readonly<Record<string, HostArray | number>>
    >
  >;
  /** The groups' options, and the places of their parameters. */
  readonly paramGroups: readonly (Options & {
    /** Places of the group's parameters, counted through all groups from 0. */
    readonly params: readonly number[];
  })[];
}

/** An array from host memory that does not count as an intermediate result. */
export function persistent(device: Device, data: Float32Array, shape: readonly number[]): NdArray {
  const array = upload(device, data, shape, "float32");
  array.storage.persist();
  return array;
}

/** Gives up the arrays of parameters' states. */
export function releaseAll(states: Iterable<ParamState>): void {
  for (const { arrays } of states) for (const { storage } of arrays.values()) storage.release();
}
