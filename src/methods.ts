import { backward } from "./autograd.ts";
import { type Device, deviceOf } from "./backend/device.ts";
import { checkDType, type DType } from "./core/dtype.ts";
import { DeviceError } from "./core/errors.ts";
import type { Shape } from "./core/shape.ts";
import { checkDim, showShape } from "./core/shape.ts";
import * as F from "./functional.ts";
import { dispose, keep } from "./lifetime.ts";
import { moveTensor, moveToCpu } from "./move.ts";
import { castTo } from "./ops/cast.ts";
import { formatText, readData, readItem, readNested } from "./read.ts";
import { Tensor } from "./tensor.ts";
import type { Methods } from "./tensorMethods.ts";

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Moves towards a device, or converts to a dtype; the tensor itself where there is nothing to do. */
function move(tensor: Tensor, target: Device | DType | string): Tensor {
  if (typeof target === "string" && target !== "cpu" && target !== "webgpu") return castTo(tensor, checkDType(target));
  return moveTensor(tensor, deviceOf(target));
}

type Table = { [K in Exclude<keyof Methods, "device">]: (x: Tensor, ...given: Parameters<Methods[K]>) => unknown };

const reshapeTo = (x: Tensor, ...shape: (number | Shape)[]): Tensor => F.reshape(x, shape.flat());
const text = (x: Tensor): string =>
  `Tensor { shape: ${showShape(x.shape)}, dtype: ${x.dtype}, device: ${x.place ?? "none"} }`;

/** What each method computes, the tensor first: `x.add(y)` is `add(x, y)`. */
const methods: Table = {
  add: F.add,
  sub: F.sub,
  mul: F.mul,
  div: F.div,
  pow: F.pow,
  neg: F.neg,
  exp: F.exp,
  log: F.log,
  sqrt: F.sqrt,
  relu: F.relu,
  sigmoid: F.sigmoid,
  tanh: F.tanh,
  softmax: F.softmax,
  logSoftmax: F.logSoftmax,
  dropout: F.dropout,
  matmul: F.matmul,
  sum: F.sum,
  mean: F.mean,
  argmax: F.argmax,
  eq: F.eq,
  ne: F.ne,
  lt: F.lt,
  le: F.le,
  gt: F.gt,
  ge: F.ge,
  reshape: reshapeTo,
  view: reshapeTo,
  flatten: F.flatten,
  transpose: F.transpose,
  t: F.t,
  squeeze: F.squeeze,
  unsqueeze: F.unsqueeze,
  clone: F.clone,
  detach: F.detach,
  to: move,
  keep,
  dispose,
  [Symbol.dispose]: dispose,
  item: readItem,
  data: readData,
  toArray: readNested,
  cpu: moveToCpu,
  format: formatText,
  size: (x, dim?: number) => (dim === undefined ? x.shape : x.shape[checkDim("size", dim, x.ndim)]),
  backward(x, gradient, options) {
    if (gradient instanceof Tensor) backward(x, castTo(gradient, "float32"), options);
    else backward(x, undefined, gradient ?? options);
  },
  requiresGrad_(x, flag = true) {
    x.requiresGrad = flag;
    return x;
  },
  print: async (x) => console.log(await formatText(x)),
  toString: text,
};

/** Gives tensors their methods; `init` calls it, so that importing has no side effect. */
export function installMethods(): void {
  const hidden = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true });
  const install = (key: PropertyKey, compute: (x: Tensor, ...given: unknown[]) => unknown) => {
    const method = function (this: Tensor, ...given: unknown[]) {
      return compute(this, ...given);
    };
    Object.defineProperty(Tensor.prototype, key, hidden(method));
  };
  for (const key of Reflect.ownKeys(methods)) install(key, Reflect.get(methods, key));
  install(inspect, text);
  const device: PropertyDescriptor & ThisType<Tensor> = {
    get() {
      if (this.place === undefined) throw new DeviceError("device: a shape-only tensor lives on no device");
      return this.place;
    },
    configurable: true,
  };
  Object.defineProperty(Tensor.prototype, "device", device);
}
