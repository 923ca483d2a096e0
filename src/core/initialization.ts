import { ShapeError } from "./errors.ts";
import { numelOf, type Shape, showShape } from "./shape.ts";

/** A function that follows a layer, by PyTorch's name. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

const GAINS: Readonly<Record<Exclude<Nonlinearity, "leaky_relu">, number>> = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  conv3d: 1,
  conv_transpose1d: 1,
  conv_transpose2d: 1,
  conv_transpose3d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.sqrt(2),
  selu: 3 / 4,
};

/**
 * The factor that keeps the variance of a signal through a nonlinearity: 1 for linear, convolutions and sigmoid, 5/3 for
 * tanh, √2 for relu, √(2 / (1 + param²)) for leaky_relu, 3/4 for selu.
 *
 * @param nonlinearity PyTorch's name of the function
 * @param param the negative slope of leaky_relu; without meaning for the others
 * @throws RangeError for an unknown name or a slope that is not finite
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  if (nonlinearity === "leaky_relu") {
    if (!Number.isFinite(param))
      throw new RangeError(`calculateGain: the slope of leaky_relu must be finite, got ${param}`);
    return Math.sqrt(2 / (1 + param * param));
  }
  if (!Object.hasOwn(GAINS, nonlinearity))
    throw new RangeError(
      `calculateGain: expected one of ${Object.keys(GAINS).join(", ")} or leaky_relu, got ${String(nonlinearity)}`,
    );
  return GAINS[nonlinearity];
}

/**
 * Connections into and out of one unit of a weight [out, in, kernel…]: fanIn = in·∏kernel, fanOut = out·∏kernel.
 *
 * @throws ShapeError if the shape has fewer than two dimensions
 */
export function fanInAndFanOut(shape: Shape): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = shape;
  if (outputs === undefined || inputs === undefined)
    throw new ShapeError(`fanInAndFanOut: expected a weight of at least 2 dimensions, got ${showShape(shape)}`);
  const field = numelOf(kernel);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/**
 * The standard deviation of `kaiming_normal_`: gain / √fan.
 *
 * @param fan connections in (or out), > 0
 * @param nonlinearity what follows the layer
 * @param a the negative slope where that is leaky_relu
 * @throws RangeError if `fan` is no positive integer: a weight without elements needs no initialisation
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingStd(fan: number, nonlinearity: Nonlinearity = "leaky_relu", a = 0): number {
  checkFan("kaiming", fan);
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/** The bound b of `kaiming_uniform_` in [−b, b): √3·gain / √fan. Arguments and throws as in `kaimingStd`. */
export function kaimingBound(fan: number, nonlinearity: Nonlinearity = "leaky_relu", a = 0): number {
  return Math.sqrt(3) * kaimingStd(fan, nonlinearity, a);
}

/**
 * The standard deviation of `xavier_normal_`: gain·√(2 / (fanIn + fanOut)).
 *
 * @throws RangeError if `fanIn + fanOut` is no positive integer: a weight without elements needs no initialisation
 * @see Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierStd(fanIn: number, fanOut: number, gain = 1): number {
  checkFan("xavier", fanIn + fanOut);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/** The bound b of `xavier_uniform_` in [−b, b): √3·gain·√(2 / (fanIn + fanOut)). Arguments and throws as in `xavierStd`. */
export function xavierBound(fanIn: number, fanOut: number, gain = 1): number {
  return Math.sqrt(3) * xavierStd(fanIn, fanOut, gain);
}

/** The bound b of a layer's bias in [−b, b): 1 / √fanIn, and 0 for a layer without inputs, as in PyTorch. */
export function biasBound(fanIn: number): number {
  return fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
}

function checkFan(operation: string, fan: number): void {
  if (!Number.isSafeInteger(fan) || fan < 1)
    throw new RangeError(`${operation}: the number of connections must be a positive integer, got ${fan}`);
}
