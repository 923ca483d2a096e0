import { checkProbability, dropout } from "../ops/dropout.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * While training, zeroes elements with probability `p` and scales the rest by 1 / (1 − p); in evaluation it passes its input.
 * Every call draws a new mask. Shape: any → the same.
 *
 * @throws RangeError if `p` lies outside [0, 1]
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 */
export class Dropout extends Module {
  static override readonly typeName = "Dropout";
  readonly p: number;

  constructor(p = 0.5) {
    super();
    this.p = checkProbability("Dropout", p);
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}
