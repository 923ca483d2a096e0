import { download } from "./array.ts";
import type { TypedArray } from "./core/dtype.ts";
import { DeviceError, ShapeError } from "./core/errors.ts";
import { numelOf, type Shape, showShape } from "./core/shape.ts";
import { raiseFaults } from "./faults.ts";
import { arrayOf } from "./lifetime.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Numbers (booleans for bool), nested as deep as the tensor has dimensions.
 *
 * @category Tensors
 */
export type NestedValues = number | boolean | NestedValues[];

/** The elements in row-major order, as a copy. */
export async function readData(tensor: Tensor): Promise<TypedArray> {
  const host = tensor.source?.host;
  if (host) return host.slice();
  if (tensor.place === undefined) throw new DeviceError("data: a shape-only tensor has no elements");
  const [data] = await Promise.all([download(arrayOf(tensor)), raiseFaults(tensor.place)]);
  return data;
}

const elementOf = (tensor: Tensor, value: number): number | boolean => (tensor.dtype === "bool" ? value !== 0 : value);

/** The value of a tensor of one element. @throws ShapeError for any other */
export async function readItem(tensor: Tensor): Promise<number | boolean> {
  if (tensor.numel !== 1)
    throw new ShapeError(
      `item: only a tensor of one element has a single value, this one has shape ${showShape(tensor.shape)}; use data()`,
    );
  const [value = 0] = await readData(tensor);
  return elementOf(tensor, value);
}

/** The elements as nested arrays. */
export async function readNested(tensor: Tensor): Promise<NestedValues> {
  const data = await readData(tensor);
  const nest = (shape: Shape, start: number): NestedValues => {
    const [size, ...rest] = shape;
    if (size === undefined) return elementOf(tensor, data[start] as number);
    const step = numelOf(rest);
    return Array.from({ length: size }, (_, i) => nest(rest, start + i * step));
  };
  return nest(tensor.shape, 0);
}

/** PyTorch's text of a tensor. Imported on use: most pages print no tensor. */
export async function formatText(tensor: Tensor): Promise<string> {
  const [data, { formatTensor }] = await Promise.all([readData(tensor), import("./core/format.ts")]);
  const gradFn = tensor.node?.name;
  return formatTensor(data, tensor.shape, tensor.dtype, {
    ...(gradFn !== undefined && { gradFn }),
    requiresGrad: tensor.requiresGrad,
  });
}
