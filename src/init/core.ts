import { Device } from "../backend/device.ts";
import type { Kernel } from "../core/kernel.ts";
import { gatherBytesKernel } from "../data/mnist.ts";
import { reduceLossKernel } from "../ops/classLoss.ts";
import { crossEntropyBackwardKernel, crossEntropyKernel } from "../ops/crossEntropy.ts";
import { dropoutKernel } from "../ops/dropout.ts";
import { linearBackwardKernel, linearGradientKernel, linearKernel } from "../ops/linear.ts";
import { matmulKernel } from "../ops/matmul.ts";
import { sumKernel } from "../ops/sum.ts";
import { adamKernel } from "../optim/adam.ts";
import { noteGpu, noteMore } from "./diagnose.ts";

/**
 * What the part for GPUs takes of the rest. It is handed over rather than imported: for what two files import, bundlers
 * make a third, and all three get larger.
 */
export interface Core {
  readonly Device: typeof Device;
  readonly noteGpu: typeof noteGpu;
  readonly noteMore: typeof noteMore;
  /** Those of a training step. */
  readonly kernels: readonly Kernel[];
}

export const CORE: Core = {
  Device,
  noteGpu,
  noteMore,
  kernels: [
    adamKernel,
    crossEntropyKernel,
    crossEntropyBackwardKernel,
    dropoutKernel,
    gatherBytesKernel,
    linearKernel,
    linearBackwardKernel,
    linearGradientKernel,
    matmulKernel,
    reduceLossKernel,
    sumKernel,
  ],
};
