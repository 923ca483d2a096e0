import type { collectTemporaries, contiguous, copyElements, NdArray, Storage } from "./array.ts";
import type { Device } from "./backend/device.ts";
import type { evacuateNow } from "./evacuate.ts";
import type { Tensor } from "./tensor.ts";

/** This many results, and this many bytes, wait in the attic. */
const MAX_WAITING = 8192;
const MAX_WAITING_BYTES = 8 << 20;
/** They lie together in blocks of this many bytes, so that many small ones hold few buffers. */
const SHELF = 1 << 20;
/** Of so few none is looked for that was dropped meanwhile. */
const FEW = 32;

/** What the attic takes of the rest: handed over for the same reason as `Core`. */
export interface AtticParts {
  readonly Storage: typeof Storage;
  readonly collectTemporaries: typeof collectTemporaries;
  readonly contiguous: typeof contiguous;
  readonly copyElements: typeof copyElements;
  readonly evacuateNow: typeof evacuateNow;
  /** Where parts of a storage may begin, in bytes. */
  readonly align: number;
}

interface Shelf {
  readonly storage: Storage;
  used: number;
}

/**
 * Small results that are to move to the host from a device that does not read at once. They stay on it for a while, readable
 * as before, since most are dropped before anybody asks: only what is left when many wait is read, all together.
 */
export class Attic {
  readonly #parts: AtticParts;
  readonly #waiting = new Map<WeakRef<Tensor>, Storage>();
  readonly #places = new WeakMap<Tensor, WeakRef<Tensor>>();
  readonly #shelves = new WeakMap<Device, Shelf>();
  #bytes = 0;
  /** When so many wait, those that were dropped are freed: twice as many as were left the last time, so that a look is rare. */
  #sweepAt = FEW;

  constructor(parts: AtticParts) {
    this.#parts = parts;
  }

  /** Takes a tensor in. */
  take(tensor: Tensor): void {
    if (tensor.array === undefined || this.#places.has(tensor)) return;
    tensor.array = this.#shelved(tensor.array);
    const place = new WeakRef(tensor);
    this.#places.set(tensor, place);
    // The attic holds the storage from here on in the tensor's stead: it is freed also when the tensor is dropped.
    this.#waiting.set(place, tensor.array.storage);
    this.#bytes += tensor.array.storage.block.bytes;
    if (this.#waiting.size >= this.#sweepAt) this.#sweep();
    if (this.#waiting.size > MAX_WAITING || this.#bytes > MAX_WAITING_BYTES)
      this.#clear(MAX_WAITING / 2, MAX_WAITING_BYTES / 2);
  }

  /** Lets a tensor go: whoever calls holds its storage again. */
  leave(tensor: Tensor): void {
    const place = this.#places.get(tensor);
    const storage = place && this.#waiting.get(place);
    this.#places.delete(tensor);
    if (place === undefined || storage === undefined) return;
    this.#waiting.delete(place);
    this.#bytes -= storage.block.bytes;
  }

  /** A copy of a small array beside others like it; takes over the array's hold. */
  #shelved(array: NdArray): NdArray {
    const { Storage, collectTemporaries, contiguous, copyElements, align } = this.#parts;
    const { device } = array.storage;
    const n = array.shape.reduce((total, size) => total * size, 1);
    const bytes = 4 * Math.max(n, 1); // no element is larger
    const room = Math.ceil(bytes / align) * align;
    let shelf = this.#shelves.get(device);
    if (shelf === undefined || shelf.storage.isLost || shelf.used + room > SHELF) {
      shelf?.storage.release();
      shelf = { storage: Storage.allocate(device, SHELF), used: 0 };
      this.#shelves.set(device, shelf);
    }
    const { shape, dtype } = array;
    const storage = shelf.storage.part(shelf.used, bytes);
    const copy: NdArray = { storage, offset: 0, shape, dtype, strides: undefined };
    shelf.used += room;
    collectTemporaries(() => copyElements(contiguous(array), copy, n));
    array.storage.release();
    return copy;
  }

  /** Frees what was dropped (garbage collection has cleared the reference) and forgets what was lost with its device. */
  #sweep(): void {
    for (const [place, storage] of this.#waiting)
      if (place.deref() === undefined || storage.isLost) this.#discard(place, storage);
    this.#sweepAt = 2 * this.#waiting.size + FEW;
  }

  #discard(place: WeakRef<Tensor>, storage: Storage): void {
    const tensor = place.deref();
    if (tensor) this.#places.delete(tensor);
    this.#waiting.delete(place);
    this.#bytes -= storage.block.bytes;
    storage.release();
  }

  #clear(size: number, bytes: number): void {
    this.#sweep();
    for (const place of this.#waiting.keys()) {
      if (this.#waiting.size <= size && this.#bytes <= bytes) return;
      const tensor = place.deref();
      if (tensor === undefined) continue;
      this.leave(tensor);
      this.#parts.evacuateNow(tensor);
    }
  }
}
