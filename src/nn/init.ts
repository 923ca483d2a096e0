/**
 * Initialisers: each fills a leaf in place, draws PyTorch's values from the generator that `manualSeed` seeds, and returns it.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html
 * @category Initialisation
 * @module
 */
import { deviceOf } from "../backend/device.ts";
import {
  calculateGain,
  fanInAndFanOut,
  kaimingBound,
  kaimingStd,
  type Nonlinearity,
  xavierBound,
  xavierStd,
} from "../core/initialization.ts";
import { DTypeError, GraphError } from "../core/errors.ts";
import type { Generator } from "../core/random.ts";
import { randomState } from "../core/random/state.ts";
import type { Tensor } from "../tensor.ts";
import { overwrite } from "./parameter.ts";

export { calculateGain, type Nonlinearity };

/** Options of the kaiming initialisers. */
export interface KaimingOptions {
  /** Negative slope of the rectifier, for `"leaky_relu"`; 0 by default. */
  a?: number;
  /** What `fan` counts: connections into a unit (`"fan_in"`, the default) or out of it. */
  mode?: "fan_in" | "fan_out";
  /** What follows the layer and decides the gain; `"leaky_relu"` by default. */
  nonlinearity?: Nonlinearity;
}

/** Replaces the elements of a leaf; draws come from the generator that `manualSeed` seeds, as PyTorch's do. */
function fillWith(
  operation: string,
  target: Tensor,
  values: (generator: Generator, n: number) => Float32Array,
): Tensor {
  if (target.dtype !== "float32") throw new DTypeError(`nn.init.${operation}: expected float32, got ${target.dtype}`);
  if (target.node) throw new GraphError(`nn.init.${operation}: expected a leaf, got a result of operations`);
  overwrite(target, values(randomState().generator, target.numel));
  return target;
}

/**
 * Uniform on [a, b), PyTorch's values for the same seed.
 *
 * @param target a float32 leaf, any shape; filled in place
 * @param a the least value; 0 by default
 * @param b the end of the interval, not in it; 1 by default
 * @returns `target`
 * @throws RangeError unless a ≤ b and both, and their distance, are finite in float32
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.uniform_
 */
export const uniform_ = (target: Tensor, a = 0, b = 1): Tensor =>
  fillWith("uniform_", target, (generator, n) => generator.uniform(n, a, b));

/**
 * Normal with the given mean and standard deviation, PyTorch's values for the same seed.
 *
 * @param target a float32 leaf, any shape; filled in place
 * @param mean 0 by default
 * @param std ≥ 0; 1 by default
 * @returns `target`
 * @throws RangeError if `std` is negative or NaN
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.normal_
 */
export const normal_ = (target: Tensor, mean = 0, std = 1): Tensor =>
  fillWith("normal_", target, (generator, n) => generator.normal(n, mean, std, deviceOf(target.place).math));

/**
 * `value` everywhere.
 *
 * @param target a float32 leaf, any shape; filled in place
 * @param value any number
 * @returns `target`
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.constant_
 */
export const constant_ = (target: Tensor, value: number): Tensor =>
  fillWith("constant_", target, (_generator, n) => new Float32Array(n).fill(value));

/**
 * 0 everywhere.
 *
 * @param target a float32 leaf, any shape; filled in place
 * @returns `target`
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.zeros_
 */
export const zeros_ = (target: Tensor): Tensor => constant_(target, 0);

/**
 * 1 everywhere.
 *
 * @param target a float32 leaf, any shape; filled in place
 * @returns `target`
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.ones_
 */
export const ones_ = (target: Tensor): Tensor => constant_(target, 1);

function fan(target: Tensor, options: KaimingOptions): number {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  return options.mode === "fan_out" ? fanOut : fanIn;
}

/**
 * Uniform on ±gain · √(3 / fan): He initialisation, PyTorch's values for the same seed.
 *
 * @param target a float32 leaf [out, in, …]; filled in place
 * @param options what `fan` counts, and what decides the gain
 * @returns `target`
 * @throws ShapeError for fewer than two dimensions
 * @throws RangeError for an unknown nonlinearity, and for a weight without elements
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform_(target: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = kaimingBound(fan(target, options), options.nonlinearity, options.a);
  return uniform_(target, -bound, bound);
}

/**
 * Normal with standard deviation gain / √fan: He initialisation, PyTorch's values for the same seed.
 *
 * @param target a float32 leaf [out, in, …]; filled in place
 * @param options what `fan` counts, and what decides the gain
 * @returns `target`
 * @throws ShapeError for fewer than two dimensions
 * @throws RangeError for an unknown nonlinearity, and for a weight without elements
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingNormal_(target: Tensor, options: KaimingOptions = {}): Tensor {
  return normal_(target, 0, kaimingStd(fan(target, options), options.nonlinearity, options.a));
}

/**
 * Uniform on ±gain · √(6 / (fanIn + fanOut)): Glorot initialisation, PyTorch's values for the same seed.
 *
 * @param target a float32 leaf [out, in, …]; filled in place
 * @param gain ≥ 0, as `calculateGain` gives it; 1 by default
 * @returns `target`
 * @throws ShapeError for fewer than two dimensions
 * @throws RangeError for a weight without elements, and a negative gain
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform_(target: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  const bound = xavierBound(fanIn, fanOut, gain);
  return uniform_(target, -bound, bound);
}

/**
 * Normal with standard deviation gain · √(2 / (fanIn + fanOut)): Glorot initialisation, PyTorch's values for the same seed.
 *
 * @param target a float32 leaf [out, in, …]; filled in place
 * @param gain ≥ 0, as `calculateGain` gives it; 1 by default
 * @returns `target`
 * @throws ShapeError for fewer than two dimensions
 * @throws RangeError for a weight without elements, and a negative gain
 * @throws DTypeError unless float32
 * @throws GraphError for a result of operations
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierNormal_(target: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  return normal_(target, 0, xavierStd(fanIn, fanOut, gain));
}
