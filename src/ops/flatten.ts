import { checkDim, numelOf } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { view } from "./reshape.ts";

/**
 * Joins the dimensions from `startDim` to `endDim` into one; shares memory where it can.
 *
 * @param x any shape and dtype
 * @param startDim from the end when negative; 0 by default
 * @param endDim the same; −1 by default
 * @returns `x` itself where there is nothing to join; a scalar becomes [1]
 * @throws RangeError for dimensions that are none, or in the wrong order
 * @see https://pytorch.org/docs/stable/generated/torch.flatten.html
 * @category Shapes
 */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  const start = checkDim("flatten", startDim, x.ndim);
  const end = checkDim("flatten", endDim, x.ndim);
  if (start > end) throw new RangeError(`flatten: startDim ${startDim} comes after endDim ${endDim}`);
  if (start === end && x.ndim > 0) return x;
  const to = x.shape.slice(0, start);
  to.push(numelOf(x.shape.slice(start, end + 1)), ...x.shape.slice(end + 1));
  return view(x, to);
}
