import { checkDim } from "../core/shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";

/** A dimension of size 1 before dimension `dim`; shares memory. @throws RangeError */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const at = checkDim("unsqueeze", dim, x.ndim + 1);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
}

/** Without dimension `dim` if its size is 1, or without all dimensions of size 1; shares memory. @throws RangeError */
export function squeeze(x: Tensor, dim?: number): Tensor {
  if (dim === undefined)
    return reshape(
      x,
      x.shape.filter((size) => size !== 1),
    );
  const at = checkDim("squeeze", dim, x.ndim);
  return x.shape[at] === 1 ? reshape(x, x.shape.toSpliced(at, 1)) : x;
}
