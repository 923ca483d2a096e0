import { checkProbability, dropout } from "../ops/dropout.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * While training, `y = 0` with probability `p`, else `y = x / (1 − p)`, element by element, so that the expected value is kept;
 * in evaluation it passes its input. Shape: any → the same.
 *
 * Every call draws a new mask, from the seed of `manualSeed`: the same bits on every device. A dropped element is `x · 0`, so
 * negatives become −0. `train()` and `eval()` switch it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 * @example
 * ```ts
 * const drop = new nn.Dropout(0.5);
 * drop(ones(4));            // e.g. [2, 0, 2, 0]
 * drop.eval();
 * drop(ones(4));            // [1, 1, 1, 1]
 * ```
 * @category Layers
 */
export class Dropout extends Module {
  static override readonly typeName = "Dropout";
  #p: number;

  /**
   * A dropout of one probability.
   *
   * @param p probability of a zero, 0 ≤ p ≤ 1
   * @throws RangeError if `p` lies outside [0, 1]
   */
  constructor(p = 0.5) {
    super();
    this.#p = checkProbability("Dropout", p);
  }

  /** Probability of a zero, in [0, 1]. It may be set at any time, and holds from the next call on. */
  get p(): number {
    return this.#p;
  }

  /** @throws RangeError if it is set to what lies outside [0, 1] */
  set p(p: number) {
    this.#p = checkProbability("Dropout", p);
  }

  /**
   * @param x any shape, float32
   * @returns the shape of `x`; in evaluation, and for p = 0, `x` itself
   * @throws DTypeError unless float32
   */
  forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }

  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}
