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
 * Cross-entropy of raw scores and class labels: softmax and negative log-likelihood in one. Options as `F.crossEntropy`.
 *
 * Shape: scores [N, C], labels [N] → [] (or [N] with reduction "none").
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends Module {
  static override readonly typeName = "CrossEntropyLoss";
  readonly options: CrossEntropyOptions;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    checkReduction("CrossEntropyLoss", options.reduction ?? "mean");
    this.options = options;
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return crossEntropy(x, target, this.options);
  }
}

/**
 * Negative log-likelihood of log-probabilities and class labels. Options as `F.nllLoss`.
 *
 * Shape: log-probabilities [N, C], labels [N] → [] (or [N] with reduction "none").
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends Module {
  static override readonly typeName = "NLLLoss";
  readonly options: ClassLossOptions;

  constructor(options: ClassLossOptions = {}) {
    super();
    checkReduction("NLLLoss", options.reduction ?? "mean");
    this.options = options;
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return nllLoss(x, target, this.options);
  }
}

/**
 * Squared error. Options as `F.mseLoss`. Shape: any, twice the same → [] (or the same with reduction "none").
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export class MSELoss extends Module {
  static override readonly typeName = "MSELoss";
  readonly options: PairLossOptions;

  constructor(options: PairLossOptions = {}) {
    super();
    checkReduction("MSELoss", options.reduction ?? "mean");
    this.options = options;
  }

  forward(x: Tensor, y: Tensor): Tensor {
    return mseLoss(x, y, this.options);
  }
}

/**
 * Binary cross-entropy of probabilities. Options as `F.binaryCrossEntropy`. Shape: any, twice the same → [].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export class BCELoss extends Module {
  static override readonly typeName = "BCELoss";
  readonly options: PairLossOptions;

  constructor(options: PairLossOptions = {}) {
    super();
    checkReduction("BCELoss", options.reduction ?? "mean");
    this.options = options;
  }

  forward(x: Tensor, y: Tensor): Tensor {
    return bceLoss(x, y, this.options);
  }
}

/**
 * Binary cross-entropy of raw scores. Options as `F.binaryCrossEntropyWithLogits`. Shape: any, twice the same → [].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends Module {
  static override readonly typeName = "BCEWithLogitsLoss";
  readonly options: BceWithLogitsOptions;

  constructor(options: BceWithLogitsOptions = {}) {
    super();
    checkReduction("BCEWithLogitsLoss", options.reduction ?? "mean");
    this.options = options;
  }

  forward(x: Tensor, y: Tensor): Tensor {
    return bceWithLogits(x, y, this.options);
  }
}
