/**
 * Modules, as `torch.nn` names them: layers, activations, losses, containers, and their initialisers.
 *
 * @see https://pytorch.org/docs/stable/nn.html
 * @category Namespaces
 * @module
 */
export { ReLU, Sigmoid, Softmax, Tanh } from "./activations.ts";
export { Dropout } from "./dropout.ts";
export * as init from "./init.ts";
export { Linear } from "./linear.ts";
export { BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, MSELoss, NLLLoss } from "./losses.ts";
export { Module, type StateDict, type StateValue } from "./module.ts";
export { Parameter } from "./parameter.ts";
export { type Layer, Sequential } from "./sequential.ts";
export { Flatten, Identity } from "./shape.ts";
