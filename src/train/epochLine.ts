import { fixed } from "./fixed.ts";

/**
 * What one epoch of training was measured at: losses as they are, accuracies from 0 to 1.
 *
 * @category Training
 */
export interface EpochMetrics {
  /** Mean over the training batches of the batch's mean loss, in evaluation mode. */
  readonly trainLoss: number;
  /** Correct predictions / training samples, 0 to 1. */
  readonly trainAccuracy: number;
  /** Mean over the validation batches of the batch's mean loss. */
  readonly valLoss: number;
  /** Correct predictions / validation samples, 0 to 1. */
  readonly valAccuracy: number;
}

/**
 * The line that `fit` prints after an epoch, without a line break:
 * `Epoch[1/10] - Train loss: 0.29718 Train Accuracy: 0.93165 || Validation Loss: 0.29076 Validation Accuracy: 0.93140`.
 * Five decimals, rounded as Python does; values that are not finite read "nan", "inf", "-inf".
 *
 * @param epoch the epoch, counted from 1
 * @param epochs how many are to be run
 * @param metrics losses, and accuracies from 0 to 1
 * @category Training
 */
export function epochLine(epoch: number, epochs: number, metrics: EpochMetrics): string {
  const { trainLoss, trainAccuracy, valLoss, valAccuracy } = metrics;
  const train = `Train loss: ${fixed(trainLoss, 5)} Train Accuracy: ${fixed(trainAccuracy, 5)}`;
  const validation = `Validation Loss: ${fixed(valLoss, 5)} Validation Accuracy: ${fixed(valAccuracy, 5)}`;
  return `Epoch[${epoch}/${epochs}] - ${train} || ${validation}`;
}
