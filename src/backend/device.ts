import type { NdArray } from "../array.ts";
import { DeviceError } from "../core/errors.ts";
import type { ScalarMath } from "../core/scalarMath.ts";
import type { Backend } from "./backend.ts";
import type { HostModule } from "./host.ts";

/** A successor of a lost backend: on a GPU unless `onCpu` says otherwise or there is none to be had. */
export type Renew = (onCpu: boolean) => Promise<{ readonly type: "cpu" | "webgpu"; readonly backend: Backend }>;

/** What a device is made of. */
export interface DeviceParts {
  readonly type: "cpu" | "webgpu";
  readonly threads: number;
  readonly backend: Backend;
  readonly math: ScalarMath;
  readonly host: HostModule;
  /** Opens a successor of a lost backend; absent where nothing can be lost. */
  readonly renew?: Renew;
}

/**
 * Where tensors live and operations run. Made by `init`; its text is its `type`.
 *
 * @category Devices
 */
export class Device {
  /** `"cpu"`: the AssemblyScript module; `"webgpu"`: the WGSL shaders. A GPU that was lost for good goes on as `"cpu"`. */
  get type(): "cpu" | "webgpu" {
    return this.#type;
  }

  /** Threads of the CPU that compute. */
  readonly threads: number;
  /** @internal counts the backends so far: what an older one held is lost */
  generation = 0;
  /** @internal bytes that intermediate results hold, saved buffers included */
  heldBytes = 0;
  /** @internal where kernels report labels out of range */
  faults: NdArray | undefined;
  /** @internal True while kernels may have met labels that nobody has checked on the host. */
  expectsFaults = false;
  /** @internal */
  readonly math: ScalarMath;
  /** @internal */
  readonly host: HostModule;
  readonly #renew: Renew | undefined;
  #type: "cpu" | "webgpu";
  #backend: Backend;
  #renewing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: DeviceParts) {
    this.#type = parts.type;
    this.threads = parts.threads;
    this.math = parts.math;
    this.host = parts.host;
    this.#backend = parts.backend;
    this.#renew = parts.renew;
  }

  /** @internal */
  get backend(): Backend {
    return this.#backend;
  }

  /** @internal True once the backend is lost and has no successor yet. */
  get isLost(): boolean {
    return this.#backend.isLost === true;
  }

  /**
   * @internal Puts a new backend in the place of one that was lost: another GPU device, or the CPU where there is none or
   * `onCpu` asks for it. Everything that lives here goes on here; what the lost one held is gone.
   * @throws DeviceError where nothing can be lost
   */
  async renew(onCpu = false): Promise<void> {
    // Several runs may hear of one loss; the first one renews for all.
    this.#renewing ??= this.#succeed(onCpu).finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #succeed(onCpu: boolean): Promise<void> {
    if (this.#renew === undefined) throw new DeviceError(`${this.type}: this device cannot be renewed`);
    const { type, backend } = await this.#renew(onCpu);
    this.#type = type;
    this.#backend = backend;
    this.generation++;
    this.heldBytes = 0;
  }

  /** @internal Whether its backend can be lost, and renewed. */
  get canBeLost(): boolean {
    return this.#renew !== undefined && this.#type !== "cpu";
  }

  /**
   * Ends the device's threads. What lives on it cannot be used any more, and `init` makes another one. Without threads there is
   * nothing to end; a program that has finished ends by itself either way.
   */
  dispose(): void {
    this.#backend.dispose?.();
  }

  /** The `type`. */
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
