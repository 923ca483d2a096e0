import type { Device } from "./backend/device.ts";
import type { DType, TypedArray } from "./core/dtype.ts";
import type { Shape } from "./core/shape.ts";
import type { NestedValues } from "./read.ts";
import type { Tensor } from "./tensor.ts";
import type { TensorOperations } from "./tensorOperations.ts";

/** The methods of tensors, each in the words of `torch.Tensor`: the operations, and what a tensor tells and does itself. */
export interface Methods extends TensorOperations {
  /**
   * The device the tensor lives on; `torch.Tensor.device`.
   *
   * @throws DeviceError for a shape-only tensor
   * @category Properties
   */
  readonly device: Device;
  /**
   * The shape, as `torch.Tensor.size()`.
   *
   * @category Properties
   */
  size(): Shape;
  /**
   * The size of one dimension.
   *
   * @param dim −ndim ≤ dim < ndim
   * @throws RangeError for any other
   * @category Properties
   */
  size(dim: number): number;

  /**
   * Adds d(this)/d(leaf) to `grad` of every leaf that requires it; `torch.Tensor.backward`. The graph ends with it.
   *
   * @param gradient d(loss)/d(this), of this tensor's shape; may be left out (or be the options) for a tensor of one
   *   element
   * @param options `retainGraph: true` lets `backward` run through the graph once more
   * @throws GraphError without a graph, for one that was used already, and for more than one element without a
   *   gradient
   * @throws ShapeError if the gradient has another shape
   * @throws OutOfMemoryError if the graph was over the device's budget
   * @category Autograd
   */
  backward(gradient?: Tensor | { retainGraph?: boolean }, options?: { retainGraph?: boolean }): void;
  /**
   * Sets `requiresGrad`, true by default, and gives the tensor itself; `torch.Tensor.requires_grad_`.
   *
   * @throws DTypeError unless float32
   * @throws GraphError if it is turned off for a result of operations
   * @category Autograd
   */
  requiresGrad_(flag?: boolean): this;
  /**
   * The same elements outside the graph, sharing memory; `torch.Tensor.detach`.
   *
   * @category Autograd
   */
  detach(): Tensor;
  /**
   * A copy with memory of its own, through which gradients pass; `torch.clone`.
   *
   * @category Autograd
   */
  clone(): Tensor;

  /**
   * The value of the only element (a boolean for bool); `torch.Tensor.item`.
   *
   * @throws ShapeError for more or none
   * @category Reading
   */
  item(): Promise<number | boolean>;
  /**
   * A copy of the elements in row-major order: Float32Array, Int32Array, or Uint8Array for uint8 and bool.
   *
   * @throws StaleTensorError after recycling or `dispose`
   * @throws DeviceLostError if the device was lost
   * @throws RangeError if a loss met a class label out of range that only the device knew
   * @category Reading
   */
  data(): Promise<TypedArray>;
  /**
   * The elements as nested arrays, a number for []; `torch.Tensor.tolist`.
   *
   * @throws StaleTensorError as `data`
   * @category Reading
   */
  toArray(): Promise<NestedValues>;
  /**
   * PyTorch's text, to the letter: `str(tensor)`.
   *
   * @throws StaleTensorError as `data`
   * @category Reading
   */
  format(): Promise<string>;
  /**
   * Writes PyTorch's text to the console: `print(tensor)`.
   *
   * @throws StaleTensorError as `data`
   * @category Reading
   */
  print(): Promise<void>;
  /**
   * Shape, dtype and device without the elements, which cannot be read at once; `format` gives PyTorch's text.
   *
   * @category Reading
   */
  toString(): string;

  /**
   * The elements as another dtype, or on another device; itself where it is so already; `torch.Tensor.to`. Towards
   * integers numbers are truncated, towards bool `x ≠ 0`; no gradient flows to integers.
   *
   * @throws DeviceError from a GPU, whose elements come back later (`await x.cpu()`), and for a device that is not
   *   ready
   * @throws GraphError to another device while it requires a gradient
   * @throws DTypeError for a name that is none
   * @category Devices and memory
   */
  to(target: Device | DType | "cpu" | "webgpu"): Tensor;
  /**
   * The tensor on the CPU; `torch.Tensor.cpu`.
   *
   * @throws GraphError while it requires a gradient
   * @category Devices and memory
   */
  cpu(): Promise<Tensor>;
  /**
   * Makes the tensor the user's own, and gives it: it is never recycled, and ends with `dispose` or garbage
   * collection.
   *
   * @throws StaleTensorError if it is too late
   * @category Devices and memory
   */
  keep(): this;
  /**
   * Gives the memory back now; reading the tensor throws StaleTensorError from then on.
   *
   * @category Devices and memory
   */
  dispose(): void;
  /**
   * `using x = …` disposes of the tensor at the end of its block.
   *
   * @category Devices and memory
   */
  [Symbol.dispose](): void;
}
