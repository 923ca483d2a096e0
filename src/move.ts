import { download, type NdArray, upload } from "./array.ts";
import { hostSource } from "./evacuate.ts";
import { clearGrad, gradEnabled, setGrad } from "./autograd.ts";
import { type Device, deviceOf } from "./backend/device.ts";
import type { TypedArray } from "./core/dtype.ts";
import { DeviceError, GraphError } from "./core/errors.ts";
import { arrayOf, rehome } from "./lifetime.ts";
import { readData } from "./read.ts";
import { Tensor } from "./tensor.ts";

/** The elements, where the device gives them at once. @throws DeviceError where they have to be waited for */
export function elementsNow(operation: string, array: NdArray): TypedArray {
  const { device } = array.storage;
  if (!device.backend.readsAtOnce)
    throw new DeviceError(
      `${operation}: elements come back from ${device} later, not at once; use \`await x.cpu()\`, \`await model.cpu()\` or \`await x.data()\``,
    );
  const data = download(array);
  if (data instanceof Promise) throw new DeviceError(`${operation}: ${device} does not read at once`);
  return data;
}

/**
 * The tensor on another device: the same elements, copied when they are first used there; itself where it is there already.
 *
 * @throws DeviceError away from a GPU, whose elements come back asynchronously
 * @throws GraphError for a tensor that requires a gradient: gradients do not flow between devices
 */
export function moveTensor(tensor: Tensor, device: Device): Tensor {
  const { place, shape, dtype } = tensor;
  if (place === device) return tensor;
  if (place === undefined) throw new DeviceError("to: a shape-only tensor lives on no device");
  if (tensor.requiresGrad && gradEnabled())
    throw new GraphError(
      `to: gradients do not flow from ${device} to ${place}; move x.detach(), or the model with model.to(device)`,
    );
  const source = tensor.source ?? hostSource(elementsNow("to", arrayOf(tensor)), shape, dtype);
  return new Tensor({ shape, dtype, device, source });
}

/** The tensor on the CPU. @throws GraphError as `moveTensor` */
export async function moveToCpu(tensor: Tensor): Promise<Tensor> {
  const cpu = deviceOf("cpu");
  if (tensor.place === cpu || tensor.source) return moveTensor(tensor, cpu);
  if (tensor.requiresGrad && gradEnabled()) moveTensor(tensor, cpu); // throws and says why
  const { shape, dtype } = tensor;
  return new Tensor({ shape, dtype, device: cpu, source: hostSource(await readData(tensor), shape, dtype) });
}

/** A leaf's elements and gradient, to be put down elsewhere. */
interface Luggage {
  readonly data: TypedArray;
  readonly grad: TypedArray | undefined;
}

function putDown(leaf: Tensor, device: Device, { data, grad }: Luggage): void {
  clearGrad(leaf);
  leaf.place = device;
  rehome(leaf, upload(device, data, leaf.shape, leaf.dtype));
  if (grad) setGrad(leaf, upload(device, grad, leaf.shape, "float32"));
}

/** Moves a parameter with its gradient. @throws DeviceError away from a GPU */
export function moveLeaf(leaf: Tensor, device: Device): void {
  if (leaf.place === device) return;
  const data = elementsNow("to", arrayOf(leaf));
  const grad = leaf.grad ? elementsNow("to", arrayOf(leaf.grad)) : undefined;
  putDown(leaf, device, { data, grad });
}

/** Moves parameters with their gradients to the CPU, all at once. */
export async function moveLeavesToCpu(leaves: readonly Tensor[]): Promise<void> {
  const cpu = deviceOf("cpu");
  const away = leaves.filter(({ place }) => place !== cpu);
  const luggage = await Promise.all(
    away.map(async (leaf) => {
      const [data, grad] = await Promise.all([
        download(arrayOf(leaf)),
        leaf.grad ? download(arrayOf(leaf.grad)) : undefined,
      ]);
      return { data, grad };
    }),
  );
  away.forEach((leaf, i) => {
    putDown(leaf, cpu, luggage[i] as Luggage);
  });
}

/** Gives parameters elements that lie on the host, on the device they live on: what they held there is lost. */
export function restoreLeaf(leaf: Tensor, data: TypedArray): void {
  putDown(leaf, leaf.place as Device, { data, grad: undefined });
}
