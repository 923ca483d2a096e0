import { biasBound, kaimingBound } from "../core/initialization.ts";
import { ShapeError } from "../core/errors.ts";
import { randomState } from "../core/random/state.ts";
import { hostTensor } from "../create.ts";
import { defaultDevice } from "../backend/device.ts";
import { linear } from "../ops/linear.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/**
 * `y = x Wᵀ + b`. Shape: `[*, inFeatures]` → `[*, outFeatures]`.
 *
 * `weight` and `bias` begin uniform on ±1 / √inFeatures, drawn from the generator that `manualSeed` seeds: PyTorch's values.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 * @category Layers
 */
export class Linear extends Module {
  static override readonly typeName = "Linear";
  /** Size of the last dimension of the input. */
  readonly inFeatures: number;
  /** Size of the last dimension of the output. */
  readonly outFeatures: number;
  /** W, [outFeatures, inFeatures]. */
  readonly weight: Parameter;
  /** b, [outFeatures], or null for a layer without one. */
  readonly bias: Parameter | null;

  /**
   * A layer with newly drawn parameters, on the device that `init` chose.
   *
   * @param inFeatures a positive integer
   * @param outFeatures a positive integer
   * @param options `bias: false` leaves b out
   * @throws ShapeError unless both sizes are positive integers
   * @throws DeviceError before `init`
   */
  constructor(inFeatures: number, outFeatures: number, options: { bias?: boolean } = {}) {
    super();
    for (const size of [inFeatures, outFeatures])
      if (!Number.isSafeInteger(size) || size < 1)
        throw new ShapeError(
          `Linear: sizes must be positive integers, got inFeatures ${inFeatures}, outFeatures ${outFeatures}`,
        );
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const { generator } = randomState();
    const device = defaultDevice();
    const bound = kaimingBound(inFeatures, "leaky_relu", Math.sqrt(5));
    const weight = generator.uniform(outFeatures * inFeatures, -bound, bound);
    this.weight = new Parameter(hostTensor(weight, [outFeatures, inFeatures], "float32", device));
    const least = biasBound(inFeatures);
    this.bias =
      options.bias === false
        ? null
        : new Parameter(hostTensor(generator.uniform(outFeatures, -least, least), [outFeatures], "float32", device));
  }

  /**
   * @param x `[*, inFeatures]`, float32
   * @returns `[*, outFeatures]`
   * @throws ShapeError unless the last size of `x` is inFeatures
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    const python = this.bias === null ? "False" : "True";
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${python}`;
  }
}
