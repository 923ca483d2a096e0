import { emptyArray, type NdArray, run } from "../array.ts";
import type { Device } from "../backend/device.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { numelOf } from "../core/shape.ts";
import { checkNonNegative } from "./checks.ts";
import { Optimizer, type Params } from "./optimizer.ts";
import type { ParamState } from "./state.ts";

export const sgdKernel: Kernel = kernel("sgd", {
  reads: ["g"],
  writes: ["p", "buf"],
  params: {
    n: "u32",
    lr: "f32",
    momentum: "f32",
    dampening: "f32",
    weightDecay: "f32",
    nesterov: "u32",
    first: "u32",
    maximize: "u32",
  },
  split: byElement(() => [4, 4, 4]),
});

/** Options of `SGD`, for all parameters or for a group. */
export interface SGDOptions {
  /** Learning rate α, ≥ 0; it has no default. */
  lr: number;
  /** μ, share of the last step that goes on, ≥ 0; 0 by default. */
  momentum: number;
  /** τ, share of the gradient that momentum leaves out; 0 by default. */
  dampening: number;
  /** λ, factor of the L2 penalty, ≥ 0: λ p is added to the gradient; 0 by default. */
  weightDecay: number;
  /** Looks ahead along the momentum: p −= α (g + μ buf). Needs momentum > 0 and dampening 0; false by default. */
  nesterov: boolean;
  /** Climbs instead of descending; false by default. */
  maximize: boolean;
}

const DEFAULTS = { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };

const placeholders = new WeakMap<Device, NdArray>();

/** What stands in for the buffer that SGD without momentum never touches: an array no shader has bound already. */
function placeholderOf(device: Device): NdArray {
  const known = placeholders.get(device);
  if (known && !known.storage.isLost) return known;
  const array = emptyArray(device, [1], "float32");
  array.storage.retain().persist();
  placeholders.set(device, array);
  return array;
}

function check({ lr, momentum, weightDecay, nesterov, dampening }: SGDOptions): void {
  checkNonNegative("SGD", "lr", lr);
  checkNonNegative("SGD", "momentum", momentum);
  checkNonNegative("SGD", "weightDecay", weightDecay);
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new RangeError(
      `SGD: nesterov needs momentum > 0 and dampening 0, got momentum ${momentum}, dampening ${dampening}`,
    );
}

/**
 * `buf = μ buf + (1 − τ) g`, `p −= α buf`; without momentum `p −= α g`. The first step sets `buf = g`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDOptions> {
  /**
   * An optimizer over these parameters, without momentum yet.
   *
   * @param params parameters, or groups of them with options of their own
   * @param options for all groups that leave them out
   * @throws TypeError without `lr`, and for tensors and groups mixed
   * @throws RangeError for options out of range, an empty list, and a parameter given twice
   * @throws GraphError for a tensor that is no leaf or requires no gradient
   */
  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> & { lr: number }) {
    if (typeof options?.lr !== "number") throw new TypeError("SGD: lr is required: new SGD(params, { lr: 0.01 })");
    super("SGD", params, { ...DEFAULTS, ...options }, check);
  }

  protected override update(options: SGDOptions, parameter: NdArray, gradient: NdArray, state: ParamState): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = options;
    const [name] = this.stateNames(options);
    const first = name !== undefined && !state.arrays.has(name);
    const buffer = name === undefined ? placeholderOf(parameter.storage.device) : this.array(state, name, parameter);
    // biome-ignore format: as the signature has them
    run(
      sgdKernel, [gradient, parameter, buffer],
      numelOf(parameter.shape), lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, first ? 1 : 0, maximize ? 1 : 0,
    );
  }

  protected override stateNames({ momentum }: SGDOptions): readonly string[] {
    return momentum === 0 ? [] : ["momentumBuffer"];
  }
}
