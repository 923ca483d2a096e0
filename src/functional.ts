/**
 * The functional forms: one for each operation, as `torch.nn.functional` and `torch` name them. Each throws DeviceError for
 * tensors of two devices, and StaleTensorError for one whose memory was recycled.
 *
 * @see https://pytorch.org/docs/stable/nn.functional.html
 * @category Namespaces
 * @module
 */
export { add } from "./ops/add.ts";
export { argmax } from "./ops/argmax.ts";
export { bceLoss as binaryCrossEntropy } from "./ops/bceLoss.ts";
export { bceWithLogits as binaryCrossEntropyWithLogits, type BceWithLogitsOptions } from "./ops/bceWithLogits.ts";
export type { Operand } from "./ops/binary.ts";
export type { ClassLossOptions, LossReduction } from "./ops/classLoss.ts";
export { clone } from "./ops/clone.ts";
export { type CrossEntropyOptions, crossEntropy } from "./ops/crossEntropy.ts";
export { detach } from "./ops/detach.ts";
export { div } from "./ops/div.ts";
export { dropout } from "./ops/dropout.ts";
export { eq } from "./ops/eq.ts";
export { exp } from "./ops/exp.ts";
export { flatten } from "./ops/flatten.ts";
export { ge } from "./ops/ge.ts";
export { gt } from "./ops/gt.ts";
export { le } from "./ops/le.ts";
export { linear } from "./ops/linear.ts";
export { log } from "./ops/log.ts";
export { logSoftmax } from "./ops/logSoftmax.ts";
export { lt } from "./ops/lt.ts";
export { matmul } from "./ops/matmul.ts";
export { mean } from "./ops/mean.ts";
export { mseLoss } from "./ops/mseLoss.ts";
export { mul } from "./ops/mul.ts";
export { ne } from "./ops/ne.ts";
export { neg } from "./ops/neg.ts";
export { nllLoss } from "./ops/nllLoss.ts";
export type { PairLossOptions } from "./ops/pairLoss.ts";
export { pow } from "./ops/pow.ts";
export type { Dims, ReduceOptions } from "./ops/reduce.ts";
export { relu } from "./ops/relu.ts";
export { reshape } from "./ops/reshape.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { softmax } from "./ops/softmax.ts";
export { sqrt } from "./ops/sqrt.ts";
export { squeeze, unsqueeze } from "./ops/squeeze.ts";
export { sub } from "./ops/sub.ts";
export { sum } from "./ops/sum.ts";
export { tanh } from "./ops/tanh.ts";
export { t, transpose } from "./ops/transpose.ts";
