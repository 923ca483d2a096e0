import { emptyArray, type NdArray } from "./array.ts";
import type { Device } from "./backend/device.ts";

/** Words a kernel writes when its input turns out wrong on the device: a code, the value, the bound. */
const WORDS = 3;

/** Says that a kernel is about to see labels that only the device knows. */
export function expectFaults(device: Device | undefined): void {
  if (device) device.expectsFaults = true;
}

/** Where kernels report labels out of range, i32[3]. */
export function faultsOf(device: Device): NdArray {
  if (device.faults && !device.faults.storage.isLost) return device.faults;
  const array = emptyArray(device, [WORDS], "int32");
  array.storage.retain().persist();
  device.backend.write(array.storage.block, 0, new Int32Array(WORDS));
  device.faults = array;
  return array;
}

/** Throws what kernels reported since the last call. @throws RangeError */
export function raiseFaults(device: Device): Promise<void> | undefined {
  const array = device.faults;
  if (!device.expectsFaults || array === undefined || array.storage.isLost) return undefined;
  device.expectsFaults = false;
  return raiseFrom(device, array);
}

async function raiseFrom(device: Device, array: NdArray): Promise<void> {
  const { block } = array.storage;
  const [code, value, bound] = await device.backend.read(block, 0, WORDS, Int32Array);
  if (code === 0) return;
  device.backend.write(block, 0, new Int32Array(WORDS));
  throw new RangeError(`crossEntropy or nllLoss: label ${value} is outside [0, ${bound})`);
}
