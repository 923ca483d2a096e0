import type { TypedArray } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import type { Module } from "./module.ts";

/**
 * One entry of a state on the host: what `serialize` and `loadStateDict` take.
 *
 * @category State
 */
export interface HostValue {
  /** The element type. */
  readonly dtype: "float32";
  /** The parameter's shape. */
  readonly shape: Shape;
  /** The elements in row-major order; a copy. */
  readonly data: Float32Array;
}

/**
 * Copies a model's parameters to the host, all of the same moment, by dotted name (`b1.0.weight`).
 *
 * @param model any module
 * @returns one entry for each name of `stateDict()`, in its order; `loadStateDict` takes it back
 * @throws DeviceLostError if the device was lost
 * @category State
 */
export async function readState(model: Module): Promise<Map<string, HostValue>> {
  // All at once: a device that does not read at once is waited for once, and all are of the same moment.
  const entries = Array.from(model.stateDict(), async ([name, parameter]) => {
    const data: TypedArray = await parameter.data();
    return [name, { dtype: "float32", shape: parameter.shape, data: Float32Array.from(data) }] as const;
  });
  return new Map(await Promise.all(entries));
}
