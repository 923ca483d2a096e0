import { collectTemporaries, contiguous, copyElements, download, type NdArray, Storage, upload } from "./array.ts";
import { PART_ALIGN } from "./backend/backend.ts";
import type { Device } from "./backend/device.ts";
import { bytesOf, type DType, type TypedArray } from "./core/dtype.ts";
import { numelOf, type Shape } from "./core/shape.ts";
import type { Source, Tensor } from "./tensor.ts";

/** This many results, and this many bytes, wait in the attic. */
const MAX_WAITING = 8192;
const MAX_WAITING_BYTES = 8 << 20;
/** They lie together in blocks of this many bytes, so that many small ones hold few buffers. */
const SHELF = 1 << 20;
/** After so many arrivals those that were dropped meanwhile are freed. */
const SWEEP_EVERY = 32;

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
  const finish = (host?: TypedArray) => {
    if (tensor.array === array && !tensor.kept) end(tensor, host);
  };
  const host = collectTemporaries(() => download(contiguous(array)));
  if (host instanceof Promise) host.then(finish, () => finish());
  else finish(host);
}

/**
 * Small results that are to move to the host from a device that does not read at once. They stay on it for a while, readable
 * as before, since most are dropped before anybody asks: only what is left when many wait is read, all together.
 */
const attic = new Map<WeakRef<Tensor>, Storage>();
const places = new WeakMap<Tensor, WeakRef<Tensor>>();
let atticBytes = 0;
let arrivals = 0;

export function waitInAttic(tensor: Tensor): void {
  if (tensor.array === undefined || places.has(tensor)) return;
  tensor.array = shelved(tensor.array);
  const place = new WeakRef(tensor);
  places.set(tensor, place);
  // The attic holds the storage from here on in the tensor's stead: it is freed also when the tensor is dropped.
  attic.set(place, tensor.array.storage);
  atticBytes += tensor.array.storage.block.bytes;
  if (++arrivals % SWEEP_EVERY === 0) sweep();
  if (attic.size > MAX_WAITING || atticBytes > MAX_WAITING_BYTES) clearAttic(MAX_WAITING / 2, MAX_WAITING_BYTES / 2);
}

interface Shelf {
  readonly storage: Storage;
  used: number;
}
const shelves = new WeakMap<Device, Shelf>();

/** A copy of a small array beside others like it; takes over the array's hold. */
function shelved(array: NdArray): NdArray {
  const { device } = array.storage;
  const n = numelOf(array.shape);
  const bytes = Math.max(n * bytesOf(array.dtype), 4);
  const room = Math.ceil(bytes / PART_ALIGN) * PART_ALIGN;
  let shelf = shelves.get(device);
  if (shelf === undefined || shelf.storage.isLost || shelf.used + room > SHELF) {
    shelf?.storage.release();
    shelf = { storage: Storage.allocate(device, SHELF), used: 0 };
    shelves.set(device, shelf);
  }
  const { shape, dtype } = array;
  const copy: NdArray = { storage: shelf.storage.part(shelf.used, bytes), offset: 0, shape, dtype, strides: undefined };
  shelf.used += room;
  collectTemporaries(() => copyElements(contiguous(array), copy, n));
  array.storage.release();
  return copy;
}

/** Takes a tensor out of the attic: whoever calls holds its storage again. */
export function leaveAttic(tensor: Tensor): void {
  const place = places.get(tensor);
  const storage = place && attic.get(place);
  places.delete(tensor);
  if (place === undefined || storage === undefined) return;
  attic.delete(place);
  atticBytes -= storage.block.bytes;
}

/** Frees what was dropped (garbage collection has cleared the reference) and forgets what was lost with its device. */
function sweep(): void {
  for (const [place, storage] of attic) if (place.deref() === undefined || storage.isLost) discard(place, storage);
}

function discard(place: WeakRef<Tensor>, storage: Storage): void {
  const tensor = place.deref();
  if (tensor) places.delete(tensor);
  attic.delete(place);
  atticBytes -= storage.block.bytes;
  storage.release();
}

function clearAttic(size: number, bytes: number): void {
  sweep();
  for (const place of attic.keys()) {
    if (attic.size <= size && atticBytes <= bytes) return;
    const tensor = place.deref();
    if (tensor === undefined) continue;
    leaveAttic(tensor);
    evacuateNow(tensor);
  }
}
