import { collectTemporaries, copyStrided, newEmpty, type NdArray, run, upload } from "../array.ts";
import type { Device } from "../backend/device.ts";
import { bytesOf } from "../core/dtype.ts";
import { DataError, ShapeError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { numelOf, showShape } from "../core/shape.ts";
import { arrayOf } from "../lifetime.ts";
import { elementsNow } from "../move.ts";
import { Tensor } from "../tensor.ts";
import { indexArray } from "./indices.ts";
import { stack } from "./stack.ts";

/**
 * A batch, or one sample: input and target, or whatever the data set holds.
 *
 * @category Data sets
 */
export type Batch = readonly Tensor[];

/**
 * Samples by index. A subclass gives `length` and `get`; one that can make many samples at once also overrides `batch`.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset
 * @example
 * ```ts
 * class Squares extends Dataset {
 *   length = 100;
 *   get(index: number) {
 *     return [tensor([index]), tensor([index * index])] as const;
 *   }
 * }
 * ```
 * @category Data sets
 */
export abstract class Dataset<Item extends Batch = readonly [x: Tensor, y: Tensor]> {
  /** Number of samples. */
  abstract readonly length: number;

  /**
   * One sample.
   *
   * @param index 0 ≤ index < length
   * @returns its parts, each of the same shape and dtype for every sample
   */
  abstract get(index: number): Item;

  /**
   * Samples as one batch: each part stacked along a new first dimension.
   *
   * @param indices which samples, at least one
   * @returns the parts, `[indices.length, *]`
   * @throws DataError for no index, and where `get` gives no tensors, or more for one sample than for another
   * @throws ShapeError where shapes or dtypes of the samples differ
   */
  batch(indices: Int32Array): Item {
    const samples = Array.from(indices, (index) => this.get(index));
    const first = samples[0];
    if (first === undefined) throw new DataError("Dataset.batch: expected at least one index");
    samples.forEach(({ length }, i) => {
      if (length !== first.length)
        throw new DataError(
          `Dataset.batch: sample ${i} of the batch has ${length} parts, the first one ${first.length}; get() must return as many for each`,
        );
    });
    const parts = first.map((_, part) => stack(samples.map((sample) => sample[part])));
    return parts as unknown as Item;
  }
}

export const gatherRowsKernel: Kernel = kernel("gatherRows", {
  reads: ["x", "indices"],
  writes: ["y"],
  params: { rows: "u32", rowBytes: "u32" },
  threads: ([rows = 0, rowBytes = 0]) => Math.ceil((rows * rowBytes) / 4), // one for each word of four bytes
});

/** Throws unless every index counts a sample. */
export function checkIndices(dataset: string, indices: Iterable<number>, n: number): void {
  for (const index of indices)
    if (!(Number.isInteger(index) && index >= 0 && index < n))
      throw new RangeError(`${dataset}: an index must be a whole number in [0, ${n}), got ${index}`);
}

/** Rows of a tensor along its first dimension, gathered when they are first used. */
function rowsOf(tensor: Tensor, indices: Int32Array): Tensor {
  const shape = [indices.length, ...tensor.shape.slice(1)];
  const rowBytes = numelOf(tensor.shape.slice(1)) * bytesOf(tensor.dtype);
  const make = (on: Device): NdArray => {
    const x = arrayOf(tensor);
    const y = collectTemporaries(() => {
      const rows = x.strides ? copyStrided(x, x.shape, x.strides) : x;
      const gathered = newEmpty(x, shape, tensor.dtype);
      run(gatherRowsKernel, [rows, indexArray(x.storage.device, indices), gathered], indices.length, rowBytes);
      gathered.storage.retain();
      return gathered;
    });
    if (on === x.storage.device) return y;
    try {
      return upload(on, elementsNow("to", y), shape, tensor.dtype);
    } finally {
      y.storage.release();
    }
  };
  return new Tensor({ shape, dtype: tensor.dtype, device: tensor.place, source: { host: undefined, make } });
}

/**
 * Tensors side by side: sample i holds row i of each. They are kept, and batches are gathered from them on their device.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 * @category Data sets
 */
export class TensorDataset<Item extends Batch = readonly [x: Tensor, y: Tensor]> extends Dataset<Item> {
  /** The tensors it was made of, `[length, *]`. */
  readonly tensors: Item;
  /** Number of samples: the tensors' first size. */
  readonly length: number;

  /**
   * A data set over these tensors.
   *
   * @param tensors at least one, all with the same first size
   * @throws ShapeError where the first sizes differ, or there is no tensor
   */
  constructor(...tensors: Item) {
    super();
    const [n] = tensors[0]?.shape ?? [];
    for (const each of tensors)
      if (n === undefined || each.shape[0] !== n)
        throw new ShapeError(
          `TensorDataset: all tensors need the same first dimension, got ${tensors.map((t) => showShape(t.shape)).join(" and ")}`,
        );
    if (n === undefined) throw new ShapeError("TensorDataset: expected at least one tensor");
    this.tensors = tensors;
    this.length = n;
    for (const each of tensors) each.keep();
  }

  /**
   * Row `index` of each tensor.
   *
   * @param index 0 ≤ index < length
   * @throws RangeError for any other
   */
  get(index: number): Item {
    checkIndices("TensorDataset", [index], this.length);
    return this.tensors.map((each) =>
      rowsOf(each, Int32Array.of(index)).reshape(each.shape.slice(1)),
    ) as unknown as Item;
  }

  /**
   * The rows of each tensor, gathered when they are first used.
   *
   * @param indices which rows, each 0 ≤ index < length
   * @returns `[indices.length, *]` each
   * @throws RangeError for any other index
   */
  override batch(indices: Int32Array): Item {
    checkIndices("TensorDataset", indices, this.length);
    return this.tensors.map((each) => rowsOf(each, indices)) as unknown as Item;
  }
}
