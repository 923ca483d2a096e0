import type { TypedArray } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import type { Module } from "./module.ts";

/** One entry of a state on the host. */
export interface HostValue {
  readonly dtype: "float32";
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Copies a model's parameters to the host, by dotted name. */
export async function readState(model: Module): Promise<Map<string, HostValue>> {
  // All at once: a device that does not read at once is waited for once, and all are of the same moment.
  const entries = Array.from(model.stateDict(), async ([name, parameter]) => {
    const data: TypedArray = await parameter.data();
    return [name, { dtype: "float32", shape: parameter.shape, data: Float32Array.from(data) }] as const;
  });
  return new Map(await Promise.all(entries));
}
