import { Device } from "../backend/device.ts";
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
export const CORE = {
  Device,
  noteGpu,
  noteMore,
  /** The kernels of a training step. */
  kernels: {
    adam: adamKernel,
    crossEntropy: crossEntropyKernel,
    crossEntropyBackward: crossEntropyBackwardKernel,
    dropout: dropoutKernel,
    gatherBytes: gatherBytesKernel,
    linear: linearKernel,
    linearBackward: linearBackwardKernel,
    linearGradient: linearGradientKernel,
    matmul: matmulKernel,
    reduceLoss: reduceLossKernel,
    sum: sumKernel,
  },
} as const;

export type Core = typeof CORE;
export type StepKernels = Core["kernels"];
