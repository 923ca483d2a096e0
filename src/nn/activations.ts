import { relu } from "../ops/relu.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { softmax } from "../ops/softmax.ts";
import { tanh } from "../ops/tanh.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/** max(x, 0), NaN and −0 kept. Shape: any → the same. @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html */
export class ReLU extends Module {
  static override readonly typeName = "ReLU";

  forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** 1 / (1 + e⁻ˣ). Shape: any → the same. @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html */
export class Sigmoid extends Module {
  static override readonly typeName = "Sigmoid";

  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** tanh x. Shape: any → the same. @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html */
export class Tanh extends Module {
  static override readonly typeName = "Tanh";

  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/**
 * eˣ / Σ eˣ along `dim`, so that what lies along it sums to 1. Shape: any → the same.
 *
 * @throws RangeError where `dim` is no dimension of the input
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends Module {
  static override readonly typeName = "Softmax";
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
