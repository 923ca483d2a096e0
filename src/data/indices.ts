import { type NdArray, upload } from "../array.ts";
import type { Device } from "../backend/device.ts";

/** Row numbers on the device, for a gather. */
export const indexArray = (device: Device, indices: Int32Array): NdArray =>
  upload(device, indices, [indices.length], "int32");
