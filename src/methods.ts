import { backward } from "./autograd.ts";
import { type Device, deviceOf } from "./backend/device.ts";
import { checkDType, type DType } from "./core/dtype.ts";
import { DeviceError } from "./core/errors.ts";
import type { Shape } from "./core/shape.ts";
import { checkDim } from "./core/shape.ts";
import * as F from "./functional.ts";
import { dispose, keep } from "./lifetime.ts";
import { moveTensor, moveToCpu } from "./move.ts";
import { castTo } from "./ops/cast.ts";
import { formatText, readData, readItem, readNested } from "./read.ts";
import { Tensor } from "./tensor.ts";
import type { Methods } from "./tensorMethods.ts";

const inspect = Symbol.for("nodejs.util.inspect.custom");

const shapeOf = (sizes: readonly (number | Shape)[]): Shape => sizes.flat();

/** Moves towards a device, or converts to a dtype; the tensor itself where there is nothing to do. */
function move(tensor: Tensor, target: Device | DType | string): Tensor {
  if (typeof target === "string" && target !== "cpu" && target !== "webgpu") return castTo(tensor, checkDType(target));
  return moveTensor(tensor, deviceOf(target));
}

type Table = { [K in Exclude<keyof Methods, "device">]: (this: Tensor, ...given: Parameters<Methods[K]>) => unknown };

const methods: Table = {
  size(dim?: number) {
    return dim === undefined ? this.shape : this.shape[checkDim("size", dim, this.ndim)];
  },
  add(other) {
    return F.add(this, other);
  },
  sub(other) {
    return F.sub(this, other);
  },
  mul(other) {
    return F.mul(this, other);
  },
  div(other) {
    return F.div(this, other);
  },
  pow(exponent) {
    return F.pow(this, exponent);
  },
  neg() {
    return F.neg(this);
  },
  exp() {
    return F.exp(this);
  },
  log() {
    return F.log(this);
  },
  sqrt() {
    return F.sqrt(this);
  },
  relu() {
    return F.relu(this);
  },
  sigmoid() {
    return F.sigmoid(this);
  },
  tanh() {
    return F.tanh(this);
  },
  softmax(dim) {
    return F.softmax(this, dim);
  },
  logSoftmax(dim) {
    return F.logSoftmax(this, dim);
  },
  dropout(p, training) {
    return F.dropout(this, p, training);
  },
  matmul(other) {
    return F.matmul(this, other);
  },
  sum(dims, options) {
    return F.sum(this, dims, options);
  },
  mean(dims, options) {
    return F.mean(this, dims, options);
  },
  argmax(dim, options) {
    return F.argmax(this, dim, options);
  },
  eq(other) {
    return F.eq(this, other);
  },
  ne(other) {
    return F.ne(this, other);
  },
  lt(other) {
    return F.lt(this, other);
  },
  le(other) {
    return F.le(this, other);
  },
  gt(other) {
    return F.gt(this, other);
  },
  ge(other) {
    return F.ge(this, other);
  },
  reshape(...shape) {
    return F.reshape(this, shapeOf(shape));
  },
  view(...shape) {
    return F.reshape(this, shapeOf(shape));
  },
  flatten(startDim, endDim) {
    return F.flatten(this, startDim, endDim);
  },
  transpose(dim0, dim1) {
    return F.transpose(this, dim0, dim1);
  },
  t() {
    return F.t(this);
  },
  squeeze(dim) {
    return F.squeeze(this, dim);
  },
  unsqueeze(dim) {
    return F.unsqueeze(this, dim);
  },
  clone() {
    return F.clone(this);
  },
  detach() {
    return F.detach(this);
  },
  to(target) {
    return move(this, target);
  },
  backward(gradient, options) {
    if (gradient instanceof Tensor) backward(this, castTo(gradient, "float32"), options);
    else backward(this, undefined, gradient ?? options);
  },
  requiresGrad_(flag = true) {
    this.requiresGrad = flag;
    return this;
  },
  keep() {
    return keep(this);
  },
  dispose() {
    dispose(this);
  },
  [Symbol.dispose]() {
    dispose(this);
  },
  item() {
    return readItem(this);
  },
  data() {
    return readData(this);
  },
  toArray() {
    return readNested(this);
  },
  cpu() {
    return moveToCpu(this);
  },
  format() {
    return formatText(this);
  },
  async print() {
    console.log(await formatText(this));
  },
  toString() {
    return `Tensor { shape: [${this.shape.join(", ")}], dtype: ${this.dtype}, device: ${this.place ?? "none"} }`;
  },
};

/** Gives tensors their methods; `init` calls it, so that importing has no side effect. */
export function installMethods(): void {
  const hidden = (value: unknown): PropertyDescriptor => ({ value, writable: true, configurable: true });
  for (const key of Reflect.ownKeys(methods))
    Object.defineProperty(Tensor.prototype, key, hidden(Reflect.get(methods, key)));
  Object.defineProperty(Tensor.prototype, inspect, hidden(methods.toString));
  const device: PropertyDescriptor & ThisType<Tensor> = {
    get() {
      if (this.place === undefined) throw new DeviceError("device: a shape-only tensor lives on no device");
      return this.place;
    },
    configurable: true,
  };
  Object.defineProperty(Tensor.prototype, "device", device);
}
