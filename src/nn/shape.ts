import { flatten } from "../ops/flatten.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * Joins the dimensions from `startDim` to `endDim` into one; by default all but the first.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module {
  static override readonly typeName = "Flatten";
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Its input, unchanged. @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html */
export class Identity extends Module {
  static override readonly typeName = "Identity";

  forward(x: Tensor): Tensor {
    return x;
  }
}
