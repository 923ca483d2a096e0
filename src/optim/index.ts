/**
 * Optimizers, as `torch.optim` names them.
 *
 * @see https://pytorch.org/docs/stable/optim.html
 * @category Namespaces
 * @module
 */
export { Adam, type AdamOptions } from "./adam.ts";
export { type Group, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export type { HostArray, OptimizerState } from "./state.ts";
