import { bceLoss } from "../ops/bceLoss.ts";
import { type BceWithLogitsOptions, bceWithLogits } from "../ops/bceWithLogits.ts";
import { checkReduction, type ClassLossOptions } from "../ops/classLoss.ts";
import { type CrossEntropyOptions, crossEntropy } from "../ops/crossEntropy.ts";
import { mseLoss } from "../ops/mseLoss.ts";
import { nllLoss } from "../ops/nllLoss.ts";
import type { PairLossOptions } from "../ops/pairLoss.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/**
 * `−log softmax(x)_target`: cross-entropy of raw scores and class labels, softmax and negative log-likelihood in one. With
 * weights and label smoothing the formula is that of `F.crossEntropy`.
 *
 * Shape: scores [N, C], [C] or [N, C, d…], labels [N], [] or [N, d…] → [], or the labels' shape with reduction `"none"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 * @category Losses
 */
export class CrossEntropyLoss extends Module {
  static override readonly typeName = "CrossEntropyLoss";
  /** What the loss was made with. */
  readonly options: CrossEntropyOptions;

  /**
   * A loss with these options; what depends on the input is checked when it is called.
   *
   * @param options `weight`, `ignoreIndex`, `labelSmoothing`, `reduction`
   * @throws RangeError if `reduction` is none of `"mean"`, `"sum"` and `"none"`
   */
  constructor(options: CrossEntropyOptions = {}) {
    super();
    checkReduction("CrossEntropyLoss", options.reduction ?? "mean");
    this.options = options;
  }

  /**
   * @param x scores, float32
   * @param target class labels, int32 or uint8
   * @throws RangeError for a label outside [0, C) other than `ignoreIndex`, and for a `labelSmoothing` outside [0, 1]
   * @throws ShapeError where labels or weights do not fit the scores
   * @throws DTypeError for other dtypes
   */
  forward(x: Tensor, target: Tensor): Tensor {
    return crossEntropy(x, target, this.options);
  }
}

/**
 * `−w x_target`: negative log-likelihood of log-probabilities and class labels, as `F.nllLoss`.
 *
 * Shape: log-probabilities [N, C], [C] or [N, C, d…], labels [N], [] or [N, d…] → [], or the labels' shape with reduction
 * `"none"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 * @category Losses
 */
export class NLLLoss extends Module {
  static override readonly typeName = "NLLLoss";
  /** What the loss was made with. */
  readonly options: ClassLossOptions;

  /**
   * A loss with these options; what depends on the input is checked when it is called.
   *
   * @param options `weight`, `ignoreIndex`, `reduction`
   * @throws RangeError if `reduction` is none of `"mean"`, `"sum"` and `"none"`
   */
  constructor(options: ClassLossOptions = {}) {
    super();
    checkReduction("NLLLoss", options.reduction ?? "mean");
    this.options = options;
  }

  /**
   * @param x log-probabilities, float32
   * @param target class labels, int32 or uint8
   * @throws RangeError for a label outside [0, C) other than `ignoreIndex`
   * @throws ShapeError where labels or weights do not fit the scores
   * @throws DTypeError for other dtypes
   */
  forward(x: Tensor, target: Tensor): Tensor {
    return nllLoss(x, target, this.options);
  }
}

/**
 * `(x − y)²`: squared error, as `F.mseLoss`. Shape: any, twice the same → [], or the same with reduction `"none"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 * @category Losses
 */
export class MSELoss extends Module {
  static override readonly typeName = "MSELoss";
  /** What the loss was made with. */
  readonly options: PairLossOptions;

  /**
   * A loss with these options; what depends on the input is checked when it is called.
   *
   * @param options `reduction`
   * @throws RangeError if `reduction` is none of `"mean"`, `"sum"` and `"none"`
   */
  constructor(options: PairLossOptions = {}) {
    super();
    checkReduction("MSELoss", options.reduction ?? "mean");
    this.options = options;
  }

  /**
   * @param x predictions, any shape, float32
   * @param y targets, the same shape, float32
   * @throws ShapeError where the shapes differ
   * @throws DTypeError for other dtypes
   */
  forward(x: Tensor, y: Tensor): Tensor {
    return mseLoss(x, y, this.options);
  }
}

/**
 * `−(y log x + (1 − y) log(1 − x))`: binary cross-entropy of probabilities, as `F.binaryCrossEntropy`. Shape: any, twice the
 * same → [], or the same with reduction `"none"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 * @category Losses
 */
export class BCELoss extends Module {
  static override readonly typeName = "BCELoss";
  /** What the loss was made with. */
  readonly options: PairLossOptions;

  /**
   * A loss with these options; what depends on the input is checked when it is called.
   *
   * @param options `reduction`
   * @throws RangeError if `reduction` is none of `"mean"`, `"sum"` and `"none"`
   */
  constructor(options: PairLossOptions = {}) {
    super();
    checkReduction("BCELoss", options.reduction ?? "mean");
    this.options = options;
  }

  /**
   * @param x probabilities in [0, 1], any shape, float32
   * @param y targets in [0, 1], the same shape, float32
   * @throws RangeError for a probability outside [0, 1], where it lies on the host
   * @throws ShapeError where the shapes differ
   * @throws DTypeError for other dtypes, and where the target requires a gradient, by `backward`
   */
  forward(x: Tensor, y: Tensor): Tensor {
    return bceLoss(x, y, this.options);
  }
}

/**
 * `BCELoss` of `sigmoid(x)` without its loss of digits: binary cross-entropy of raw scores, as
 * `F.binaryCrossEntropyWithLogits`. Shape: any, twice the same → [], or the same with reduction `"none"`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 * @category Losses
 */
export class BCEWithLogitsLoss extends Module {
  static override readonly typeName = "BCEWithLogitsLoss";
  /** What the loss was made with. */
  readonly options: BceWithLogitsOptions;

  /**
   * A loss with these options; what depends on the input is checked when it is called.
   *
   * @param options `posWeight`, `reduction`
   * @throws RangeError if `reduction` is none of `"mean"`, `"sum"` and `"none"`
   */
  constructor(options: BceWithLogitsOptions = {}) {
    super();
    checkReduction("BCEWithLogitsLoss", options.reduction ?? "mean");
    this.options = options;
  }

  /**
   * @param x raw scores, any shape, float32
   * @param y targets in [0, 1], the same shape, float32
   * @throws ShapeError where the shapes differ
   * @throws DTypeError for other dtypes, and where the target requires a gradient, by `backward`
   */
  forward(x: Tensor, y: Tensor): Tensor {
    return bceWithLogits(x, y, this.options);
  }
}
