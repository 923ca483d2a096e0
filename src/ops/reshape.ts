import { contiguous, type NdArray, viewAs } from "../array.ts";
import { ShapeError } from "../core/errors.ts";
import { checkShape, numelOf, type Shape, showShape } from "../core/shape.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

interface Options {
  readonly from: Shape;
  readonly to: Shape;
}

/** The same elements under another shape: a view of a contiguous tensor, a copy of a transposed one. */
export const reshapeOp: Op<Options, readonly [x: NdArray]> = {
  name: "reshape",
  gradFn: "ViewBackward0",
  infer: ([{ dtype }], { to }) => ({ shape: to, dtype }),
  forward: ({ options }, x) => viewAs(x, options.to),
  backward: ({ options }, gradient) => [viewAs(contiguous(gradient), options.from)],
};

/** `shape` with its −1, if it has one, replaced by what is left. */
function resolve(x: Tensor, shape: Shape): Shape {
  const free = shape.indexOf(-1);
  if (free < 0) return checkShape("reshape", shape);
  const rest = numelOf(checkShape("reshape", shape.toSpliced(free, 1)));
  if (rest === 0 || x.numel % rest !== 0)
    throw new ShapeError(
      `reshape: ${showShape(x.shape)} has ${x.numel} elements, which ${showShape(shape)} does not divide`,
    );
  return shape.with(free, x.numel / rest);
}

/**
 * The same elements in row-major order under another shape; shares memory where it can.
 *
 * @param x any shape and dtype
 * @param shape sizes; one may be −1 and is computed
 * @returns the new shape
 * @throws ShapeError unless the numbers of elements agree
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 * @category Shapes
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const to = resolve(x, [...shape]);
  if (numelOf(to) !== x.numel)
    throw new ShapeError(
      `reshape: ${showShape(x.shape)} has ${x.numel} elements, ${showShape(to)} holds ${numelOf(to)}`,
    );
  return view(x, to);
}

/** `x` under a shape of as many elements. */
export const view = (x: Tensor, to: Shape): Tensor => apply(reshapeOp, [x], { from: x.shape, to });
