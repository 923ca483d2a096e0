import { deviceOf } from "./backend/device.ts";
import type { TypedArray } from "./core/dtype.ts";
import type { Generator } from "./core/random.ts";
import { randomState } from "./core/random/state.ts";
import { checkShape, numelOf, type Shape } from "./core/shape.ts";
import { hostTensor, type SizeArguments, sizesAndOptions, type TensorOptions } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/**
 * How a random tensor is made.
 *
 * @category Random numbers
 */
export interface RandomOptions extends Omit<TensorOptions, "dtype"> {
  /** Where the values come from, instead of the generator that `manualSeed` seeds. */
  generator?: Generator;
}

function finish(host: TypedArray, shape: Shape, dtype: "float32" | "int32", options: RandomOptions): Tensor {
  const made = hostTensor(host, shape, dtype, deviceOf(options.device));
  if (options.requiresGrad) made.requiresGrad = true;
  return made;
}

const generatorOf = (options: RandomOptions): Generator => options.generator ?? randomState().generator;

/**
 * Uniform on [0, 1), float32, PyTorch's values for the same seed bit for bit: `rand(2, 3)`, `rand([2, 3], options)`.
 *
 * @param sizes dimensions one by one or as an array, then options
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.rand.html
 * @category Random numbers
 */
export function rand(...sizes: SizeArguments<RandomOptions>): Tensor {
  const { shape, options } = sizesAndOptions<RandomOptions>("rand", sizes);
  deviceOf(options.device);
  return finish(generatorOf(options).rand(numelOf(shape)), shape, "float32", options);
}

/**
 * Normal with mean 0 and standard deviation 1, float32, PyTorch's values for the same seed bit for bit: `randn(5, 3)`,
 * `randn([5, 3], options)`.
 *
 * @param sizes dimensions one by one or as an array, then options
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.randn.html
 * @category Random numbers
 */
export function randn(...sizes: SizeArguments<RandomOptions>): Tensor {
  const { shape, options } = sizesAndOptions<RandomOptions>("randn", sizes);
  const { math } = deviceOf(options.device);
  return finish(generatorOf(options).normal(numelOf(shape), 0, 1, math), shape, "float32", options);
}

/**
 * Integers on [low, high), int32, PyTorch's values for the same seed.
 *
 * @param low the least value, −2³¹ ≤ low
 * @param high one more than the largest value, low < high ≤ 2³¹
 * @param shape sizes, outermost first; [] for a scalar
 * @param options `generator`, `device`
 * @throws RangeError unless both are such integers
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 * @category Random numbers
 */
export function randint(low: number, high: number, shape: Shape, options: RandomOptions = {}): Tensor {
  const sizes = checkShape("randint", shape);
  deviceOf(options.device);
  return finish(generatorOf(options).randint(numelOf(sizes), low, high), [...sizes], "int32", options);
}

/**
 * The numbers 0 … n − 1 in random order, int32 [n], PyTorch's for the same seed.
 *
 * @param n 0 ≤ n ≤ 214748363
 * @param options `generator`, `device`
 * @throws RangeError for any other n
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 * @category Random numbers
 */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  deviceOf(options.device);
  return finish(generatorOf(options).randperm(n), [n], "int32", options);
}

/**
 * 1 with probability `p`, else 0, float32: PyTorch's values of `torch.empty(shape).bernoulli_(p)`.
 *
 * @param p probability of a one, 0 ≤ p ≤ 1
 * @param shape sizes, outermost first; [] for a scalar
 * @param options `generator`, `device`, `requiresGrad`
 * @throws RangeError if p lies outside [0, 1]
 * @throws ShapeError unless the sizes are non-negative integers
 * @throws DeviceError before `init`, and for a device that is not ready
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 * @category Random numbers
 */
export function bernoulli(p: number, shape: Shape, options: RandomOptions = {}): Tensor {
  const sizes = checkShape("bernoulli", shape);
  deviceOf(options.device);
  return finish(generatorOf(options).bernoulli(numelOf(sizes), p), [...sizes], "float32", options);
}
