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
  const state = new Map<string, HostValue>();
  for (const [name, parameter] of model.stateDict()) {
    const data: TypedArray = await parameter.data();
    state.set(name, { dtype: "float32", shape: parameter.shape, data: Float32Array.from(data) });
  }
  return state;
}
