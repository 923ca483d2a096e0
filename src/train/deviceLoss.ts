import type { DeviceLostError } from "../core/errors.ts";

/**
 * A device that was lost during `fit`, and how training goes on.
 *
 * @category Training
 */
export interface DeviceLoss {
  /** What told of the loss. */
  readonly error: DeviceLostError;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** The steps of it that had been done. */
  readonly step: number;
  /** The step of that epoch after which the last snapshot was taken: from there training is repeated. */
  readonly resumedFrom: number;
  /** What computes from now on. */
  readonly device: "cpu" | "webgpu";
  /** False where the loader cannot go back: the batches between the snapshot and the loss are not repeated. */
  readonly repeats: boolean;
}
