import { DeviceError } from "../core/errors.ts";
import type { ScalarMath } from "../core/scalarMath.ts";
import type { Backend } from "./backend.ts";
import type { HostModule } from "./host.ts";

/** Where tensors live and operations run. Made by `init`. */
export class Device {
  /** `"cpu"`: the AssemblyScript module. */
  readonly type: "cpu";
  /** Threads that compute. */
  readonly threads: number;
  /** @internal */
  readonly backend: Backend;
  /** @internal */
  readonly math: ScalarMath;
  /** @internal */
  readonly host: HostModule;

  /** @internal */
  constructor(parts: { type: "cpu"; threads: number; backend: Backend; math: ScalarMath; host: HostModule }) {
    this.type = parts.type;
    this.threads = parts.threads;
    this.backend = parts.backend;
    this.math = parts.math;
    this.host = parts.host;
  }

  toString(): string {
    return this.type;
  }
}

const ready = new Map<string, Device>();
let current: Device | undefined;

/** Makes `device` the default for what is created from now on. What exists stays where it is. */
export function setDefaultDevice(device: Device): void {
  current = device;
  ready.set(device.type, device);
}

/** The device that `init` chose. @throws DeviceError before `init` */
export function defaultDevice(): Device {
  if (current === undefined)
    throw new DeviceError('no device yet: call `await init()` first (or `await init({ device: "cpu" })`)');
  return current;
}

/** A device that was made ready before, by name. */
export const findDevice = (type: string): Device | undefined => ready.get(type);

/** A device by itself or by name. @throws DeviceError where no such device was initialised */
export function deviceOf(device: Device | string | undefined): Device {
  if (device === undefined) return defaultDevice();
  if (device instanceof Device) return device;
  const found = ready.get(device);
  if (found === undefined)
    throw new DeviceError(
      `device ${JSON.stringify(device)} is not ready; call \`await init({ device: ${JSON.stringify(device)} })\` first`,
    );
  return found;
}
