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
 * y = x Wᵀ + b.
 *
 * Shape: [*, inFeatures] → [*, outFeatures].
 * Attributes: `weight` [outFeatures, inFeatures] and `bias` [outFeatures], both uniform on ±1/√inFeatures at first.
 *
 * @throws ShapeError unless both sizes are positive integers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module {
  static override readonly typeName = "Linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

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

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    const python = this.bias === null ? "False" : "True";
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${python}`;
  }
}
