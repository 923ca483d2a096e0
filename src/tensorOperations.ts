import type { Shape } from "./core/shape.ts";
import type { Operand } from "./ops/binary.ts";
import type { Dims, ReduceOptions } from "./ops/reduce.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The operations of tensors as methods; `F` has them as functions. Where dtypes differ the later one in
 * bool < uint8 < int32 < float32 is computed in. Each throws DeviceError for tensors of two devices, and StaleTensorError for
 * one whose memory was recycled.
 */
export interface TensorOperations {
  /**
   * `this + other`, element by element; `torch.add`.
   *
   * @returns the shape both broadcast to, the later dtype
   * @throws ShapeError if the shapes do not broadcast
   * @category Arithmetic
   */
  add(other: Operand): Tensor;
  /**
   * `this − other`, element by element; `torch.sub`.
   *
   * @returns the shape both broadcast to, the later dtype
   * @throws ShapeError if the shapes do not broadcast
   * @throws DTypeError for two bools
   * @category Arithmetic
   */
  sub(other: Operand): Tensor;
  /**
   * `this · other`, element by element; `torch.mul`.
   *
   * @returns the shape both broadcast to, the later dtype
   * @throws ShapeError if the shapes do not broadcast
   * @category Arithmetic
   */
  mul(other: Operand): Tensor;
  /**
   * `this / other`, element by element; `torch.div`.
   *
   * @returns float32, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Arithmetic
   */
  div(other: Operand): Tensor;
  /**
   * `this` to the power `exponent`, element by element; `torch.pow`.
   *
   * @returns the shape both broadcast to, the later dtype
   * @throws ShapeError if the shapes do not broadcast
   * @throws RangeError for integers to the power of a negative integer number
   * @category Arithmetic
   */
  pow(exponent: Operand): Tensor;
  /**
   * `−x`, for float32 and int32; `torch.neg`. Keeps the shape.
   *
   * @throws DTypeError for uint8 and bool
   * @category Arithmetic
   */
  neg(): Tensor;
  /**
   * `eˣ`; `torch.exp`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Arithmetic
   */
  exp(): Tensor;
  /**
   * `ln x`: −∞ at 0, NaN below; `torch.log`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Arithmetic
   */
  log(): Tensor;
  /**
   * `√x`: NaN below 0; `torch.sqrt`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Arithmetic
   */
  sqrt(): Tensor;
  /**
   * The matrix product; `torch.matmul`. [k], [m, k] or `[*, m, k]` times [k], [k, n] or `[*, k, n]`; leading
   * dimensions broadcast.
   *
   * @throws ShapeError if the inner sizes differ
   * @throws DTypeError unless both are float32
   * @category Arithmetic
   */
  matmul(other: Tensor): Tensor;

  /**
   * `max(x, 0)`, NaN kept; `torch.relu`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Activations
   */
  relu(): Tensor;
  /**
   * `1 / (1 + e⁻ˣ)`; `torch.sigmoid`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Activations
   */
  sigmoid(): Tensor;
  /**
   * `tanh x`; `torch.tanh`. Keeps the shape.
   *
   * @throws DTypeError unless float32
   * @category Activations
   */
  tanh(): Tensor;
  /**
   * `eˣ / Σ eˣ` along `dim`; `torch.softmax`. Keeps the shape.
   *
   * @param dim −ndim ≤ dim < ndim
   * @throws RangeError for any other
   * @throws DTypeError unless float32
   * @category Activations
   */
  softmax(dim: number): Tensor;
  /**
   * `x − log Σ eˣ` along `dim`; `torch.log_softmax`. Keeps the shape.
   *
   * @param dim −ndim ≤ dim < ndim
   * @throws RangeError for any other
   * @throws DTypeError unless float32
   * @category Activations
   */
  logSoftmax(dim: number): Tensor;
  /**
   * 0 with probability `p`, else `x / (1 − p)`; `torch.nn.functional.dropout`. Keeps the shape.
   *
   * @param p 0 ≤ p ≤ 1; 0.5 by default
   * @param training false gives the tensor itself; true by default
   * @throws RangeError if p lies outside [0, 1]
   * @throws DTypeError unless float32
   * @category Activations
   */
  dropout(p?: number, training?: boolean): Tensor;

  /**
   * The sum over `dims`, all by default; `torch.sum`. Sums of bool and uint8 are int32.
   *
   * @param dims each −ndim ≤ dim < ndim
   * @throws RangeError for any other, and for one named twice
   * @category Reductions
   */
  sum(dims?: Dims, options?: ReduceOptions): Tensor;
  /**
   * The mean over `dims`, all by default; `torch.mean`. NaN over no element.
   *
   * @param dims each −ndim ≤ dim < ndim
   * @throws RangeError for any other, and for one named twice
   * @throws DTypeError unless float32
   * @category Reductions
   */
  mean(dims?: Dims, options?: ReduceOptions): Tensor;
  /**
   * Where the largest element lies, int32: the first of equals, NaN counts as largest; `torch.argmax`.
   *
   * @param dim −ndim ≤ dim < ndim; without it the place among all elements in row-major order
   * @throws RangeError for any other
   * @throws ShapeError if there is no element to choose
   * @category Reductions
   */
  argmax(dim?: number, options?: ReduceOptions): Tensor;

  /**
   * `this = other`, element by element; `torch.eq`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  eq(other: Operand): Tensor;
  /**
   * `this ≠ other`, element by element; `torch.ne`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  ne(other: Operand): Tensor;
  /**
   * `this < other`, element by element; `torch.lt`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  lt(other: Operand): Tensor;
  /**
   * `this ≤ other`, element by element; `torch.le`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  le(other: Operand): Tensor;
  /**
   * `this > other`, element by element; `torch.gt`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  gt(other: Operand): Tensor;
  /**
   * `this ≥ other`, element by element; `torch.ge`.
   *
   * @returns bool, the shape both broadcast to
   * @throws ShapeError if the shapes do not broadcast
   * @category Comparisons
   */
  ge(other: Operand): Tensor;

  /**
   * The same elements in row-major order under another shape, `reshape(2, -1)` or `reshape([2, -1])`;
   * `torch.reshape`. Shares memory where it can.
   *
   * @param shape sizes; one may be −1 and is computed
   * @throws ShapeError unless the numbers of elements agree
   * @category Shapes
   */
  reshape(...shape: readonly number[] | readonly [Shape]): Tensor;
  /**
   * As `reshape`; unlike `torch.Tensor.view` it takes transposed tensors too.
   *
   * @throws ShapeError as `reshape`
   * @category Shapes
   */
  view(...shape: readonly number[] | readonly [Shape]): Tensor;
  /**
   * Joins the dimensions from `startDim` (0) to `endDim` (−1) into one; `torch.flatten`. Shares memory where it can.
   *
   * @throws RangeError for dimensions that are none, or in the wrong order
   * @category Shapes
   */
  flatten(startDim?: number, endDim?: number): Tensor;
  /**
   * Two dimensions exchanged, a view; `torch.transpose`.
   *
   * @throws RangeError for a dimension that is none
   * @category Shapes
   */
  transpose(dim0: number, dim1: number): Tensor;
  /**
   * [m, n] → [n, m], a view; fewer dimensions stay; `torch.t`.
   *
   * @throws ShapeError for more than two dimensions
   * @category Shapes
   */
  t(): Tensor;
  /**
   * Without dimension `dim` if its size is 1, or without all such dimensions; a view; `torch.squeeze`.
   *
   * @throws RangeError for a dimension that is none
   * @category Shapes
   */
  squeeze(dim?: number): Tensor;
  /**
   * With a dimension of size 1 before `dim`, a view; `torch.unsqueeze`.
   *
   * @throws RangeError unless −ndim − 1 ≤ dim ≤ ndim
   * @category Shapes
   */
  unsqueeze(dim: number): Tensor;
}
