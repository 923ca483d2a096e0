import { flatten } from "../ops/flatten.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * Joins the dimensions from `startDim` to `endDim` into one; by default all but the first. Shape: [n, 1, 28, 28] → [n, 784].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 * @category Layers
 */
export class Flatten extends Module {
  static override readonly typeName = "Flatten";
  /** The first dimension that is joined. */
  readonly startDim: number;
  /** The last dimension that is joined. */
  readonly endDim: number;

  /**
   * Which dimensions are joined.
   *
   * @param startDim from the end when negative; 1 by default; checked when the module is called
   * @param endDim the same; −1 by default
   */
  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  /**
   * @param x any shape
   * @returns the same elements; shares memory where it can
   * @throws RangeError where a dimension is none of `x`, or they are in the wrong order
   */
  forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * `y = x`: its input, unchanged. Shape: any → the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
 * @category Layers
 */
export class Identity extends Module {
  static override readonly typeName = "Identity";

  /**
   * @param x any shape and dtype
   * @returns `x` itself
   */
  forward(x: Tensor): Tensor {
    return x;
  }
}
