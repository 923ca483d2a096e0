export { noGrad } from "./autograd.ts";
export type { KernelSource } from "./backend/cpu/module.ts";
export type { ThreadWorker, WorkerFactory } from "./backend/cpu/threads/crew.ts";
export { Device } from "./backend/device.ts";
export type { DType, TypedArray } from "./core/dtype.ts";
export * from "./core/errors.ts";
export { Generator, type GeneratorState } from "./core/random.ts";
export { type DropoutMasks, manualSeed } from "./core/random/state.ts";
export type { Shape } from "./core/shape.ts";
export {
  arange,
  empty,
  eye,
  full,
  type Nested,
  ones,
  type SizeArguments,
  type TensorOptions,
  tensor,
  zeros,
} from "./create.ts";
export { bernoulli, type RandomOptions, rand, randint, randn, randperm } from "./createRandom.ts";
export * as F from "./functional.ts";
export { type Diagnosis, diagnose, type GpuDiagnosis } from "./init/diagnose.ts";
export { isAvailable } from "./init/available.ts";
export type { InitOptions } from "./init/init.ts";
export * as nn from "./nn/index.ts";
export * as optim from "./optim/index.ts";
export { type HostValue, readState } from "./nn/state.ts";
export type { NestedValues } from "./read.ts";
export { Tensor } from "./tensor.ts";
