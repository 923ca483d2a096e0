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
  /** Negative slope of the rectifier, for `"leaky_relu"`. */
  a?: number;
  mode?: "fan_in" | "fan_out";
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

/** Uniform on [a, b). @throws RangeError */
export const uniform_ = (target: Tensor, a = 0, b = 1): Tensor =>
  fillWith("uniform_", target, (generator, n) => generator.uniform(n, a, b));

/** Normal with the given mean and standard deviation. @throws RangeError */
export const normal_ = (target: Tensor, mean = 0, std = 1): Tensor =>
  fillWith("normal_", target, (generator, n) => generator.normal(n, mean, std, deviceOf(target.place).math));

/** One number everywhere. */
export const constant_ = (target: Tensor, value: number): Tensor =>
  fillWith("constant_", target, (_generator, n) => new Float32Array(n).fill(value));

/** Zeros. */
export const zeros_ = (target: Tensor): Tensor => constant_(target, 0);

/** Ones. */
export const ones_ = (target: Tensor): Tensor => constant_(target, 1);

function fan(target: Tensor, options: KaimingOptions): number {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  return options.mode === "fan_out" ? fanOut : fanIn;
}

/**
 * Uniform on ±gain · √(3 / fan): He initialisation.
 *
 * @throws ShapeError for fewer than two dimensions
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform_(target: Tensor, options: KaimingOptions = {}): Tensor {
  const bound = kaimingBound(fan(target, options), options.nonlinearity, options.a);
  return uniform_(target, -bound, bound);
}

/** Normal with standard deviation gain / √fan: He initialisation. @throws ShapeError */
export function kaimingNormal_(target: Tensor, options: KaimingOptions = {}): Tensor {
  return normal_(target, 0, kaimingStd(fan(target, options), options.nonlinearity, options.a));
}

/**
 * Uniform on ±gain · √(6 / (fanIn + fanOut)): Glorot initialisation.
 *
 * @throws ShapeError for fewer than two dimensions
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform_(target: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  const bound = xavierBound(fanIn, fanOut, gain);
  return uniform_(target, -bound, bound);
}

/** Normal with standard deviation gain · √(2 / (fanIn + fanOut)): Glorot initialisation. @throws ShapeError */
export function xavierNormal_(target: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fanInAndFanOut(target.shape);
  return normal_(target, 0, xavierStd(fanIn, fanOut, gain));
}
