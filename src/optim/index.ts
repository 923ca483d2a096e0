export { Adam, type AdamOptions } from "./adam.ts";
export {
  type Group,
  type HostArray,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type Params,
} from "./optimizer.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
