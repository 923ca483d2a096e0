import { contiguous, copyElements, copyStrided } from "../array.ts";
import { DeviceError } from "../core/errors.ts";
import { stridesOf } from "../core/shape.ts";
import { hostSource } from "../evacuate.ts";
import { arrayOf, keepForUpdates } from "../lifetime.ts";
import { moveTensor } from "../move.ts";
import { noGrad } from "../autograd.ts";
import { Tensor } from "../tensor.ts";
import type { StateValue } from "./module.ts";

/**
 * A tensor that a module learns: a leaf that requires a gradient and lives as long as its owner. A module finds it by the field
 * it is assigned to.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 * @category Containers
 */
export class Parameter extends Tensor {
  /**
   * A parameter on the device of `data`.
   *
   * @param data initial values, any shape; the elements are copied
   * @param options `requiresGrad`: true by default
   * @throws DTypeError unless float32, where it requires a gradient
   * @throws DeviceError for a shape-only tensor
   */
  constructor(data: Tensor, options: { requiresGrad?: boolean } = {}) {
    super({ shape: data.shape, dtype: data.dtype, device: data.place });
    if (this.place === undefined) throw new DeviceError("Parameter: expected a tensor with elements, got a shape only");
    const host = data.source?.host;
    if (host) this.source = hostSource(host, data.shape, data.dtype);
    else {
      const array = arrayOf(data);
      this.array = copyStrided(array, array.shape, array.strides ?? stridesOf(array.shape));
    }
    keepForUpdates(this);
    this.requiresGrad = options.requiresGrad ?? true;
  }
}

/** The elements that lie on the host; numbers, as `loadStateDict` has seen to. */
function hostOf(value: StateValue | Float32Array): ArrayLike<number> | undefined {
  if (value instanceof Tensor) return value.source?.host;
  return value instanceof Float32Array ? value : (value.data as ArrayLike<number>);
}

/** Replaces a tensor's elements in place: graphs that saved the old ones can tell. */
export function overwrite(target: Tensor, value: StateValue | Float32Array): void {
  const host = hostOf(value);
  // A data tensor's elements lie on the host; its device copy, which views may share, follows.
  if (host && target.source) target.source = hostSource(Float32Array.from(host), target.shape, target.dtype);
  const array = arrayOf(target);
  if (host) {
    const data = host instanceof Float32Array ? host : Float32Array.from(host);
    array.storage.device.backend.write(array.storage.block, array.offset * 4, data);
  } else {
    const near = noGrad(() => moveTensor(value as Tensor, array.storage.device));
    copyElements(contiguous(arrayOf(near)), array, target.numel);
  }
  array.storage.version++;
}
