import { download, upload } from "./array.ts";
import type { DType, TypedArray } from "./core/dtype.ts";
import type { Shape } from "./core/shape.ts";
import type { Source, Tensor } from "./tensor.ts";

/** A source whose elements lie on the host. */
export function hostSource(host: TypedArray, shape: Shape, dtype: DType): Source {
  return { host, make: (device) => upload(device, host, shape, dtype) };
}

/** Releases a tensor's device copy; `host` are its elements, where somebody saved them. */
export function end(tensor: Tensor, host?: TypedArray): void {
  const { array } = tensor;
  if (array === undefined) return;
  tensor.array = undefined;
  if (host) tensor.source = hostSource(host, array.shape, array.dtype);
  else if (tensor.source === undefined) tensor.ended = "recycled";
  array.storage.release();
}

/** Moves a tensor's elements to the host: at once where the device reads at once, else when the read is done. */
export function evacuateNow(tensor: Tensor): void {
  const { array } = tensor;
  if (array === undefined) return;
  const host = download(array);
  if (!(host instanceof Promise)) {
    end(tensor, host);
    return;
  }
  const finish = (late?: TypedArray) => {
    if (tensor.array === array && !tensor.kept) end(tensor, late);
  };
  host.then(finish, () => finish());
}
