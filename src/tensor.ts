import type { NdArray } from "./array.ts";
import type { GradientCell } from "./autograd.ts";
import type { GraphNode } from "./graph.ts";
import type { Device } from "./backend/device.ts";
import type { DType, TypedArray } from "./core/dtype.ts";
import { DTypeError, GraphError } from "./core/errors.ts";
import { numelOf, type Shape } from "./core/shape.ts";
import type { Clock } from "./clock.ts";
import type { Methods } from "./tensorMethods.ts";

/** Where a data tensor's elements come from, as often as the device copy is dropped: host memory, or rows of a data set. */
export interface Source {
  /** Makes the device copy. */
  make(device: Device): NdArray;
  /** The elements, where they lie on the host. */
  readonly host: TypedArray | undefined;
}

export interface TensorState {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Undefined for a tensor that has a shape only (`summary` runs models on such). */
  readonly device: Device | undefined;
  readonly array?: NdArray | undefined;
  readonly source?: Source | undefined;
}

export interface Tensor extends Methods {}

/**
 * An n-dimensional array with a place in the autograd graph. Made by `tensor`, `randn` …, by operations and by modules,
 * never by `new`. Contiguous and row-major to the user.
 *
 * Memory needs no care: what operations make ends with its graph, and what a module returned lives until the second
 * following `optimizer.step()`. Up to 64 KiB it can be read later too; reading something larger that was recycled throws
 * StaleTensorError, and `keep` keeps it.
 *
 * Where the operands' dtypes differ, the later one in bool < uint8 < int32 < float32 is computed in; a number takes the
 * tensor's dtype if it fits. Shapes broadcast as in PyTorch: aligned at the last dimension, sizes equal or 1. Every operation
 * throws DeviceError for tensors of two devices.
 *
 * @see https://pytorch.org/docs/stable/tensors.html
 * @category Tensors
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: init() installs exactly the methods that Methods lists
export class Tensor {
  /**
   * Sizes of the dimensions, outermost first; `[]` is a scalar.
   *
   * @category Properties
   */
  readonly shape: Shape;
  /**
   * The type of the elements.
   *
   * @category Properties
   */
  readonly dtype: DType;
  /**
   * What `backward` has added up for this leaf: a tensor of its shape, or null before the first `backward` and after
   * `zeroGrad`. May be set to null.
   *
   * @category Properties
   */
  grad: Tensor | null = null;
  /** @internal the device; undefined for shape-only tensors */
  place: Device | undefined;
  /** @internal the device copy, retained once by this tensor; undefined when recycled or not made yet */
  array: NdArray | undefined;
  /** @internal */
  source: Source | undefined;
  /** @internal how the graph made it; undefined for leaves */
  node: GraphNode | undefined;
  /** @internal where a leaf's gradient is held */
  cell: GradientCell | undefined;
  /** @internal the clock of the optimizer that owns this leaf */
  clock: Clock | undefined;
  /** @internal owned by the user: a parameter, or kept */
  kept = false;
  /** @internal a gradient, whose memory belongs to its leaf */
  borrowed = false;
  /** @internal made inside a module call and not returned from it */
  internal = false;
  /** @internal its place in the books of `lifetime.ts`, while it holds memory that ends by itself */
  seat: number | undefined;
  /** @internal in the books, and of no graph and no running call */
  loose = false;
  /** @internal graph-less tensors this one was computed from */
  origins: readonly Tensor[] | undefined;
  /** @internal why it cannot be read any more */
  ended: "recycled" | "disposed" | undefined;
  #requiresGrad = false;

  /** @internal */
  constructor(state: TensorState) {
    this.shape = state.shape;
    this.dtype = state.dtype;
    this.place = state.device;
    this.array = state.array;
    this.source = state.source;
  }

  /**
   * Number of elements: the product of the sizes, 1 for a scalar; `torch.Tensor.numel()`.
   *
   * @category Properties
   */
  get numel(): number {
    return numelOf(this.shape);
  }

  /**
   * Number of dimensions: the length of `shape`.
   *
   * @category Properties
   */
  get ndim(): number {
    return this.shape.length;
  }

  /**
   * Whether `backward` computes a gradient for it. Can be set on leaves of dtype float32.
   *
   * @category Properties
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  /**
   * @throws DTypeError if it is turned on for another dtype
   * @throws GraphError if it is turned off for a result of operations
   */
  set requiresGrad(value: boolean) {
    if (value && this.dtype !== "float32")
      throw new DTypeError(`requiresGrad: only float32 tensors can require gradients, this one is ${this.dtype}`);
    if (!value && this.node)
      throw new GraphError(
        "requiresGrad: it can be turned off for leaves only; use .detach() for a result of operations",
      );
    this.#requiresGrad = value;
  }
}
