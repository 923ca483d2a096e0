import { newEmpty, type NdArray, run } from "../array.ts";
import { hostTensor } from "../create.ts";
import { DTypeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { type DropoutStream, randomState } from "../core/random/state.ts";
import { numelOf } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./mul.ts";

export const dropoutKernel: Kernel = kernel("dropout", {
  reads: ["x"],
  writes: ["y"],
  workspace: true,
  params: {
    n: "u32",
    threshold: "u32",
    scale: "f32",
    offsetLow: "u32",
    offsetHigh: "u32",
    seedLow: "u32",
    seedHigh: "u32",
  },
  threads: ([n = 0]) => Math.ceil(n / 4), // each takes the four words of a counter
  split: {
    ...byElement(() => [4, 4]),
    name: "dropoutFrom",
    step: 4,
    params: ([, ...rest], first, count) => [first, count, ...rest],
    cost: () => 10,
  },
});

/** One dropout call: what decides its mask, so that backward computes the same one. */
export interface DropoutDraw extends DropoutStream {
  /** Words whose upper 24 bits are below it keep their element: round((1 − p) 2^24). */
  readonly threshold: number;
  /** 1 / (1 − p) in float32. */
  readonly scale: number;
}

export const NO_DROPOUT: DropoutDraw = { threshold: 0, scale: 1, offsetLow: 0, offsetHigh: 0, seedLow: 0, seedHigh: 0 };

/** Draws the next mask of the running stream. */
export function drawDropout(p: number): DropoutDraw {
  const threshold = Math.floor((1 - p) * 2 ** 24 + 0.5);
  // With p = 1 nothing is kept; PyTorch gives x * 0.
  const scale = p === 1 ? 0 : Math.fround(1 / Math.fround(1 - p));
  const { offsetLow, offsetHigh, seedLow, seedHigh } = randomState().nextDropout();
  return { threshold, scale, offsetLow, offsetHigh, seedLow, seedHigh };
}

/** The parameters of `dropoutKernel` over n elements. */
export const dropoutParams = (n: number, draw: DropoutDraw): readonly number[] => [
  n,
  draw.threshold,
  draw.scale,
  draw.offsetLow,
  draw.offsetHigh,
  draw.seedLow,
  draw.seedHigh,
];

interface Options {
  readonly p: number;
  draw: DropoutDraw;
}

export const dropoutOp: Op<Options, readonly [x: NdArray]> = {
  name: "dropout",
  gradFn: "MulBackward0",
  infer: ([{ shape, dtype }]) => {
    if (dtype !== "float32") throw new DTypeError(`dropout: expected float32, got ${dtype}`);
    return { shape, dtype };
  },
  forward(context, x) {
    const y = newEmpty(x);
    context.options.draw = drawDropout(context.options.p);
    run(dropoutKernel, [x, y], ...dropoutParams(numelOf(x.shape), context.options.draw));
    return y;
  },
  backward(context, gradient) {
    const dx = newEmpty(gradient);
    run(dropoutKernel, [gradient, dx], ...dropoutParams(numelOf(gradient.shape), context.options.draw));
    return [dx];
  },
};

/** Throws unless 0 ≤ p ≤ 1. */
export function checkProbability(operation: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${operation}: p must be in [0, 1], got ${p}`);
  return p;
}

/** Whether masks come from the host, as PyTorch's CPU path draws them; such dropout cannot be fused. */
export const hostMasks = (): boolean => randomState().masks === "torch";

/**
 * 0 with probability `p`, else `x / (1 − p)`, element by element, so that the expected value is kept. Outside training it
 * returns `x` itself. A dropped element is `x · 0`: negatives become −0, NaN and infinities NaN. Every call draws a new mask.
 *
 * @param x any shape, float32
 * @param p probability of a zero, 0 ≤ p ≤ 1; 0.5 by default
 * @param training whether to drop at all; true by default
 * @returns the shape of `x`; `x` itself outside training and for p = 0
 * @throws RangeError if `p` lies outside [0, 1]
 * @throws DTypeError unless `x` is float32
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 * @see Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
 * @category Layers
 */
export function dropout(x: Tensor, p = 0.5, training = true): Tensor {
  checkProbability("dropout", p);
  if (!training || p === 0) return x;
  if (!hostMasks() || x.place === undefined) return apply(dropoutOp, [x], { p, draw: NO_DROPOUT });
  if (x.dtype !== "float32") throw new DTypeError(`dropout: expected float32, got ${x.dtype}`);
  const noise = randomState().generator.dropoutNoise(x.numel, p);
  return mul(x, hostTensor(noise, x.shape, "float32", x.place));
}
