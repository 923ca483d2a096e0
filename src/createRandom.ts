import { deviceOf } from "./backend/device.ts";
import type { TypedArray } from "./core/dtype.ts";
import type { Generator } from "./core/random.ts";
import { randomState } from "./core/random/state.ts";
import { checkShape, numelOf, type Shape } from "./core/shape.ts";
import { hostTensor, type SizeArguments, sizesAndOptions, type TensorOptions } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** Options of random tensors: `generator` instead of the one that `manualSeed` seeds. */
export interface RandomOptions extends Omit<TensorOptions, "dtype"> {
  generator?: Generator;
}

function finish(host: TypedArray, shape: Shape, dtype: "float32" | "int32", options: RandomOptions): Tensor {
  const made = hostTensor(host, shape, dtype, deviceOf(options.device));
  if (options.requiresGrad) made.requiresGrad = true;
  return made;
}

const generatorOf = (options: RandomOptions): Generator => options.generator ?? randomState().generator;

/** Uniform on [0, 1), PyTorch's values: `rand(2, 3)`, `rand([2, 3], options)`. @throws ShapeError DeviceError */
export function rand(...sizes: SizeArguments<RandomOptions>): Tensor {
  const { shape, options } = sizesAndOptions<RandomOptions>("rand", sizes);
  deviceOf(options.device);
  return finish(generatorOf(options).rand(numelOf(shape)), shape, "float32", options);
}

/** Standard normal, PyTorch's values: `randn(5, 3)`, `randn([5, 3], options)`. @throws ShapeError DeviceError */
export function randn(...sizes: SizeArguments<RandomOptions>): Tensor {
  const { shape, options } = sizesAndOptions<RandomOptions>("randn", sizes);
  const { math } = deviceOf(options.device);
  return finish(generatorOf(options).normal(numelOf(shape), 0, 1, math), shape, "float32", options);
}

/**
 * Integers on [low, high), int32, PyTorch's values.
 *
 * @throws RangeError unless low < high, both within int32
 */
export function randint(low: number, high: number, shape: Shape, options: RandomOptions = {}): Tensor {
  const sizes = checkShape("randint", shape);
  deviceOf(options.device);
  return finish(generatorOf(options).randint(numelOf(sizes), low, high), [...sizes], "int32", options);
}

/** A random permutation of 0 … n − 1, int32, PyTorch's. @throws RangeError */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  deviceOf(options.device);
  return finish(generatorOf(options).randperm(n), [n], "int32", options);
}

/**
 * 1 with probability `p`, else 0, float32: PyTorch's values of `torch.empty(shape).bernoulli_(p)`.
 *
 * @throws RangeError unless 0 ≤ p ≤ 1
 */
export function bernoulli(p: number, shape: Shape, options: RandomOptions = {}): Tensor {
  const sizes = checkShape("bernoulli", shape);
  deviceOf(options.device);
  return finish(generatorOf(options).bernoulli(numelOf(sizes), p), [...sizes], "float32", options);
}
