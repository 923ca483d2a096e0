import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { softmax } from "../ops/softmax.ts";
import { tanh } from "../ops/tanh.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * `max(x, 0)`, NaN and −0 kept. Shape: any → the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 * @category Activations
 */
export class ReLU extends Module {
  static override readonly typeName = "ReLU";

  /**
   * @param x any shape, float32
   * @returns the shape of `x`
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/**
 * `1 / (1 + e⁻ˣ)`, in [0, 1]. Shape: any → the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 * @category Activations
 */
export class Sigmoid extends Module {
  static override readonly typeName = "Sigmoid";

  /**
   * @param x any shape, float32
   * @returns the shape of `x`
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/**
 * `tanh x`, in [−1, 1]. Shape: any → the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 * @category Activations
 */
export class Tanh extends Module {
  static override readonly typeName = "Tanh";

  /**
   * @param x any shape, float32
   * @returns the shape of `x`
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/**
 * `eˣ / Σ eˣ` along `dim`, so that what lies along it sums to 1. Shape: any → the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 * @category Activations
 */
export class Softmax extends Module {
  static override readonly typeName = "Softmax";
  /** The dimension that sums to 1. */
  readonly dim: number;

  /**
   * A softmax along one dimension.
   *
   * @param dim from the end when negative; checked when the module is called
   */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  /**
   * @param x any shape, float32
   * @returns the shape of `x`
   * @throws RangeError where `dim` is no dimension of `x`, TypeError where it is no number
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
