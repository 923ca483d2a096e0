import type { HostValue } from "../nn/state.ts";
import { serialize } from "./safetensors.ts";

/** The safetensors bytes of a state: the same weights give the same bytes. */
export function serializeState(state: ReadonlyMap<string, HostValue>): Uint8Array<ArrayBuffer> {
  return serialize(state);
}
