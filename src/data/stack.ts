import { collectTemporaries, contiguous, copyElements, emptyArray, type NdArray } from "../array.ts";
import { hostArray } from "../core/dtype.ts";
import { DataError, ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import { hostSource } from "../evacuate.ts";
import { arrayOf } from "../lifetime.ts";
import { Tensor } from "../tensor.ts";

/** Samples of one shape and dtype along a new first dimension. @throws ShapeError DataError */
export function stack(samples: readonly (Tensor | undefined)[]): Tensor {
  const first = samples[0];
  const parts = samples.map((sample, i) => {
    if (!(sample instanceof Tensor) || first === undefined)
      throw new DataError(
        `DataLoader: sample ${i} of the batch holds no tensor where the first one does; get() must return tensors`,
      );
    if (sample.dtype !== first.dtype || !sameShape(sample.shape, first.shape))
      throw new ShapeError(
        `DataLoader: samples of a batch must agree, got ${sample.dtype} ${showShape(sample.shape)} beside ${first.dtype} ${showShape(first.shape)}`,
      );
    return sample;
  });
  if (first === undefined) throw new DataError("DataLoader: a batch needs at least one sample");
  const shape = [parts.length, ...first.shape];
  const hosts = parts.map((part) => part.source?.host);
  const { dtype } = first;
  const state = { shape, dtype, device: first.place };
  if (hosts.some((host) => host === undefined)) return new Tensor({ ...state, array: stackOnDevice(parts, shape) });
  const all = hostArray(dtype, parts.length * first.numel);
  hosts.forEach((host, i) => {
    if (host) all.set(host, i * first.numel);
  });
  return new Tensor({ ...state, source: hostSource(all, shape, dtype) });
}

function stackOnDevice(parts: readonly Tensor[], shape: readonly number[]): NdArray {
  const arrays = parts.map(arrayOf);
  const { storage, dtype } = arrays[0] as NdArray;
  return collectTemporaries(() => {
    const y = emptyArray(storage.device, shape, dtype);
    const n = (parts[0] as Tensor).numel;
    arrays.forEach((array, i) => {
      copyElements(contiguous(array), { ...y, offset: i * n }, n);
    });
    y.storage.retain();
    return y;
  });
}
