import { newEmpty, type NdArray, run } from "../array.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byElement } from "../core/split.ts";
import { numelOf, type Shape, showShape } from "../core/shape.ts";
import { apply, type Context, type Meta, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type DropoutDraw, drawDropout, dropoutKernel, dropoutParams, NO_DROPOUT } from "./dropout.ts";
import { blockThreads, matmulKernel } from "./matmul.ts";
import { sumKernel } from "./sum.ts";

export const linearKernel: Kernel = kernel("linear", {
  reads: ["x", "w", "bias"],
  writes: ["y"],
  workspace: true,
  params: {
    rows: "u32",
    ins: "u32",
    outs: "u32",
    biased: "u32",
    relu: "u32",
    dropping: "u32",
    threshold: "u32",
    scale: "f32",
    offsetLow: "u32",
    offsetHigh: "u32",
    seedLow: "u32",
    seedHigh: "u32",
  },
  threads: ([rows = 0, , outs = 0]) => blockThreads(1, rows, outs),
  split: {
    name: "linearFrom",
    pieces: ([rows = 0]) => rows,
    grain: 2,
    params: ([, ...rest], first, count) => [first, count, ...rest],
    slices: ([, ins = 0, outs = 0]) => [4 * ins, 0, 0, 4 * outs],
    cost: ([, ins = 0, outs = 0]) => 2 * ins * outs,
  },
});
/** The gradients of weight and bias at once. */
export const linearGradientKernel: Kernel = kernel("linearGradient", {
  reads: ["dz", "x"],
  writes: ["dw", "db"],
  workspace: true,
  params: { rows: "u32", ins: "u32", outs: "u32" },
  threads: ([, ins = 0, outs = 0]) => Math.max(blockThreads(1, outs, ins), outs),
  // By outputs: a row of dw and an element of db each.
  split: {
    name: "linearGradientOf",
    pieces: ([, , outs = 0]) => outs,
    grain: 2,
    params: ([rows = 0, ins = 0, outs = 0], _first, count) => [rows, ins, count, outs],
    slices: ([, ins = 0]) => [{ step: 4 }, 0, 4 * ins, 4],
    cost: ([rows = 0, ins = 0]) => 2 * rows * ins,
  },
});
export const linearBackwardKernel: Kernel = kernel("linearBackward", {
  reads: ["y", "dy"],
  writes: ["dz"],
  params: { n: "u32", scale: "f32" },
  split: byElement(() => [4, 4, 4]),
});

interface Options {
  readonly relu: boolean;
  /** Probability of a zero after it all; undefined for no dropout. */
  readonly p: number | undefined;
  draw: DropoutDraw;
}
type Inputs = readonly [x: NdArray, w: NdArray, bias: NdArray | undefined];

const sizes = (x: Meta, w: Meta) => {
  const outs = w.shape[0] ?? 0;
  const ins = w.shape[1] ?? 0;
  return { ins, outs, rows: ins === 0 ? numelOf(x.shape.slice(0, -1)) : numelOf(x.shape) / ins };
};

/** `[*, ins]` → `[*, outs]`. */
function outputShape(x: Meta, outs: number): Shape {
  const shape = x.shape.slice();
  shape[shape.length - 1] = outs;
  return shape;
}

/** y = drop(relu(x Wᵀ + b)): the whole block as one operation, with the bits of its parts one by one. */
export const linearOp: Op<Options, Inputs> = {
  name: "linear",
  gradFn: ({ relu, p }, [x, , bias]) => {
    if (p !== undefined) return "MulBackward0";
    if (relu) return "ReluBackward0";
    if (x?.shape.length !== 2) return bias ? "ViewBackward0" : "UnsafeViewBackward0";
    return bias ? "AddmmBackward0" : "MmBackward0";
  },
  infer([x, w, bias]) {
    checkFloat(x);
    checkFloat(w);
    const outs = w.shape[0];
    if (w.shape.length !== 2 || outs === undefined)
      throw new ShapeError(`linear: weight must be [outFeatures, inFeatures], got ${showShape(w.shape)}`);
    if (x.shape.length === 0 || x.shape[x.shape.length - 1] !== w.shape[1])
      throw new ShapeError(
        `linear: input is ${showShape(x.shape)} but weight is ${showShape(w.shape)}; expected [*, ${w.shape[1]}]`,
      );
    if (bias) checkFloat(bias);
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outs))
      throw new ShapeError(`linear: bias is ${showShape(bias.shape)}, expected [${outs}]`);
    return { shape: outputShape(x, outs), dtype: "float32" };
  },
  forward(context, x, w, bias) {
    const { relu, p } = context.options;
    const { ins, outs, rows } = sizes(x, w);
    const y = newEmpty(x, outputShape(x, outs));
    const draw = p === undefined ? NO_DROPOUT : drawDropout(p);
    context.options.draw = draw;
    const { threshold, scale, offsetLow, offsetHigh, seedLow, seedHigh } = draw;
    const drawn = p === undefined ? 0 : 1;
    // biome-ignore format: as the signature has them
    run(
      linearKernel, [x, w, bias ?? w, y],
      rows, ins, outs, bias ? 1 : 0, relu ? 1 : 0, drawn, threshold, scale, offsetLow, offsetHigh, seedLow, seedHigh,
    );
    context.save(x, w, y);
    return y;
  },
  backward(context, gradient) {
    const { saved, needs } = context;
    const x = saved[0] as NdArray;
    const w = saved[1] as NdArray;
    const { ins, outs, rows } = sizes(x, w);
    const dz = throughActivation(context, gradient);
    const dx = needs[0] ? context.room(0) : null;
    if (dx) run(matmulKernel, [dz, w, dx], 1, rows, ins, outs, 0, outs, 1, 0, ins, 1);
    const dw = needs[1] ? context.room(1) : null;
    const db = needs[2] ? context.room(2) : null;
    if (dw && db) run(linearGradientKernel, [dz, x, dw, db], rows, ins, outs);
    else if (dw) run(matmulKernel, [dz, x, dw], 1, outs, ins, rows, 0, 1, outs, 0, ins, 1);
    else if (db) run(sumKernel, [dz, db], 1, rows, outs);
    return [dx, dw, db];
  },
};

function checkFloat({ dtype }: Meta): void {
  if (dtype !== "float32") throw new DTypeError(`linear: expected float32, got ${dtype}`);
}

/** The gradient before ReLU and Dropout. With ReLU y's sign is the mask; without, the mask is drawn again. */
function throughActivation(context: Context<Options>, gradient: NdArray): NdArray {
  const { relu, p, draw } = context.options;
  const y = context.saved[2] as NdArray;
  if (!relu && p === undefined) return gradient;
  const n = numelOf(y.shape);
  const dz = newEmpty(y);
  if (relu) run(linearBackwardKernel, [y, gradient, dz], n, p === undefined ? 1 : draw.scale);
  else run(dropoutKernel, [gradient, dz], ...dropoutParams(n, draw));
  return dz;
}

/**
 * `y = x Wᵀ + b`.
 *
 * @param x `[*, inFeatures]`, float32
 * @param weight W, [outFeatures, inFeatures], float32
 * @param bias b, [outFeatures], float32; or nothing
 * @returns `[*, outFeatures]`
 * @throws ShapeError where the sizes do not fit
 * @throws DTypeError unless all are float32
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 * @category Layers
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return linearBlock(x, weight, bias ?? undefined, false, undefined);
}

/** Linear, then ReLU where `relu`, then Dropout(p) where `p` is given, in one operation. */
export function linearBlock(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  relu: boolean,
  p: number | undefined,
): Tensor {
  return apply<Options, Inputs>(linearOp, [x, weight, bias], { relu, p, draw: NO_DROPOUT });
}
