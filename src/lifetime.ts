import { collectTemporaries, contiguous, copyElements, makeOwn, type NdArray, Storage } from "./array.ts";
import type { Attic, AtticParts } from "./attic.ts";
import { PART_ALIGN } from "./backend/backend.ts";
import { DeviceError, DeviceLostError, StaleTensorError, TorchletError } from "./core/errors.ts";
import { showShape } from "./core/shape.ts";
import { end, evacuateNow } from "./evacuate.ts";
import { Tensor } from "./tensor.ts";

/** Tensors up to this many bytes move to the host when their device memory is recycled, so they never go stale. */
const SMALL = 65536;
/** Results that belong to no graph: this many, and this many bytes, stay on the device. */
const MAX_LOOSE = 128;
const MAX_LOOSE_BYTES = 8 << 20;
/** Small results of ended graphs that wait to move to the host, together. */
const MAX_LEAVING = 64;

/** Where small results of devices that do not read at once wait; the parts for such devices bring it. */
let attic: Attic | undefined;

/** Makes the attic, unless there is one. */
export function furnish(Kind: new (parts: AtticParts) => Attic): void {
  attic ??= new Kind({ Storage, collectTemporaries, contiguous, copyElements, evacuateNow, align: PART_ALIGN });
}

/**
 * What operations made and still hold on a device, oldest first, with gaps where some have ended. No Set: in V8 the table that a set
 * has outgrown leads to its next one, so that all that passes through survives until old space is collected.
 */
let live: (Tensor | undefined)[] = [];
/** How many there are, and how many of them belong to no graph and no running call. */
let [liveCount, looseCount, looseBytes] = [0, 0, 0];
/** The gaps are closed when they are more than what is live, and so many. */
const GAPS = 64;

const bytesHeld = (tensor: Tensor): number => tensor.array?.storage.block.bytes ?? 0;
const isSmall = (tensor: Tensor): boolean => tensor.source !== undefined || bytesHeld(tensor) <= SMALL;

/** Releases what a garbage-collected owner held. */
const collected = new FinalizationRegistry<() => void>((release) => release());

/** Calls `release` when `owner` is garbage-collected, unless `disown` comes first. `release` must not refer to `owner`. */
export function own(owner: object, release: () => void): void {
  collected.register(owner, release, owner);
}

function disown(owner: object): void {
  collected.unregister(owner);
}

/** A running call (a module's, or noGrad's) and what was made inside it. */
interface Scope {
  readonly kind: "module" | "noGrad";
  readonly made: Tensor[];
  readonly outer: Scope | undefined;
}
let scope: Scope | undefined;

/** The device array of a tensor, made again from its source if need be. @throws StaleTensorError DeviceError */
export function arrayOf(tensor: Tensor): NdArray {
  if (tensor.array && !tensor.array.storage.isLost) return tensor.array;
  if (tensor.place === undefined) throw new DeviceError("a shape-only tensor has no elements");
  if (tensor.source === undefined) throw tensor.array ? lostError(tensor) : staleError(tensor);
  const { source, place } = tensor;
  tensor.array = makeOwn(source, place);
  enter(tensor);
  loosen(tensor);
  return tensor.array;
}

const lostError = (tensor: Tensor): DeviceLostError =>
  new DeviceLostError(
    `a tensor of shape ${showShape(tensor.shape)} was on a device that was lost; its elements are gone`,
  );

function staleError(tensor: Tensor): StaleTensorError {
  const what = `a tensor of shape ${showShape(tensor.shape)}`;
  return new StaleTensorError(
    tensor.ended === "disposed"
      ? `${what} was read after dispose()`
      : `${what} was read after its memory had been recycled: it was made inside a module and not returned, or more than two optimizer steps ago; call .keep() on it when you make it`,
  );
}

/** Enters a result into the books. `inputs` are what it was computed from. */
export function born(tensor: Tensor, inputs: readonly (Tensor | undefined)[]): void {
  enter(tensor);
  scope?.made.push(tensor);
  const parents: Tensor[] = [];
  for (const input of inputs) if (input && isAdoptable(input)) parents.push(input);
  if (tensor.node) tensor.node.adopted = ancestry(parents);
  else {
    if (parents.length > 0) tensor.origins = parents;
    if (scope === undefined) loosen(tensor);
  }
  evictOverBudget(tensor);
}

function enter(tensor: Tensor): void {
  if (tensor.seat !== undefined) return;
  if (live.length > 2 * liveCount + GAPS) closeGaps();
  tensor.seat = live.push(tensor) - 1;
  liveCount++;
}

function closeGaps(): void {
  const left = live.filter((tensor) => tensor !== undefined);
  left.forEach((tensor, seat) => {
    tensor.seat = seat;
  });
  live = left;
}

/** A big result without a graph ends with the graph that used it. */
const isAdoptable = (tensor: Tensor): boolean =>
  !tensor.kept && !tensor.node && tensor.seat !== undefined && !isSmall(tensor);

/** The given results and all that they were computed from, as far as it still holds device memory. */
function ancestry(parents: readonly Tensor[]): readonly Tensor[] {
  if (parents.length === 0) return parents;
  const found = new Set(parents);
  for (const each of found) for (const origin of each.origins ?? []) if (isAdoptable(origin)) found.add(origin);
  return [...found];
}

function loosen(tensor: Tensor): void {
  if (tensor.kept || tensor.loose || tensor.seat === undefined || !isSmall(tensor)) return;
  tensor.loose = true;
  looseCount++;
  looseBytes += bytesHeld(tensor);
  if (looseCount <= MAX_LOOSE && looseBytes <= MAX_LOOSE_BYTES) return;
  for (const oldest of live) {
    if (looseCount <= MAX_LOOSE / 2 && looseBytes <= MAX_LOOSE_BYTES / 2) break;
    if (oldest?.loose && oldest !== tensor && !inScope(oldest)) recycle(oldest, true);
  }
}

function inScope(tensor: Tensor): boolean {
  for (let s = scope; s; s = s.outer) if (s.made.includes(tensor)) return true;
  return false;
}

function forget(tensor: Tensor): void {
  attic?.leave(tensor);
  if (tensor.seat === undefined) return;
  live[tensor.seat] = undefined;
  tensor.seat = undefined;
  liveCount--;
  if (!tensor.loose) return;
  tensor.loose = false;
  looseCount--;
  looseBytes -= bytesHeld(tensor);
}

/** Gives a tensor's device memory back. With `evacuate`, small contents move to the host first. */
export function recycle(tensor: Tensor, evacuate: boolean): void {
  const { array } = tensor;
  if (tensor.kept || tensor.borrowed || array === undefined) return;
  forget(tensor);
  tensor.origins = undefined;
  if (array.storage.isLost) return; // nothing to give back; reading it tells why
  const moves = evacuate && tensor.source === undefined && array.storage.block.bytes <= SMALL;
  if (!moves) {
    end(tensor);
    return;
  }
  if (attic === undefined || array.storage.device.backend.readsAtOnce) evacuateNow(tensor);
  else attic.take(tensor);
}

/** Results of ended graphs that are to move to the host. */
const leaving: Tensor[] = [];

/** Gives a result's memory back. Small ones leave a device that reads at once many at a time: a read runs all that is queued. */
export function evacuateSoon(tensor: Tensor): void {
  if (tensor.place?.backend.readsAtOnce && bytesHeld(tensor) <= SMALL) {
    forget(tensor);
    if (leaving.push(tensor) > MAX_LEAVING) evacuateLeaving();
  } else recycle(tensor, true);
}

function evacuateLeaving(): void {
  for (const each of leaving.splice(0)) recycle(each, true);
}

/** Ends everything the outermost module call, or noGrad, made inside and did not return. */
export function withScope<T>(kind: Scope["kind"], work: () => T): T {
  if (kind === "module" && scope?.kind === "module") return work();
  const mine: Scope = { kind, made: [], outer: scope };
  scope = mine;
  try {
    const output = work();
    scope = mine.outer;
    leave(mine, output);
    return output;
  } catch (error) {
    scope = mine.outer;
    for (const tensor of mine.made) drop(tensor);
    throw error;
  }
}

function leave(mine: Scope, output: unknown): void {
  const returned = output instanceof Tensor ? undefined : collectTensors(output, new Set());
  for (const tensor of mine.made) {
    if (tensor === output || returned?.has(tensor)) {
      scope?.made.push(tensor);
      if (!tensor.node && scope === undefined) loosen(tensor);
    } else if (tensor.node) tensor.internal = true;
    else recycle(tensor, false);
  }
}

function drop(tensor: Tensor): void {
  if (tensor.node) tensor.node.end();
  recycle(tensor, false);
}

/** Every tensor in a value that a function may return: itself, or inside arrays, maps and plain objects. */
function collectTensors(value: unknown, into: Set<Tensor>): Set<Tensor> {
  if (value instanceof Tensor) into.add(value);
  else if (Array.isArray(value)) for (const item of value) collectTensors(item, into);
  else if (value instanceof Map) for (const item of value.values()) collectTensors(item, into);
  else if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    for (const item of Object.values(value)) collectTensors(item, into);
  return into;
}

/**
 * Makes a tensor the user's own: it lives until `dispose()` or until it is garbage-collected.
 * @throws StaleTensorError where it is too late
 */
export function keep(tensor: Tensor): Tensor {
  if (tensor.kept) return tensor;
  const { storage } = arrayOf(tensor);
  forget(tensor);
  if (tensor.borrowed) storage.retain();
  tensor.borrowed = false;
  tensor.kept = true;
  tensor.internal = false;
  const home: Home = { storage: storage.persist() };
  homes.set(tensor, home);
  own(tensor, () => home.storage.release());
  return tensor;
}

/** Where a kept tensor's elements are, apart from the tensor so that they are freed when it is collected. */
interface Home {
  storage: Storage;
}
const homes = new WeakMap<Tensor, Home>();

/** Gives a kept tensor another array with the same elements, which it takes over. */
export function rehome(tensor: Tensor, array: NdArray): void {
  const home = homes.get(tensor);
  if (home === undefined) throw new TorchletError("rehome: expected a kept tensor");
  home.storage.release();
  home.storage = array.storage.persist();
  tensor.array = array;
}

/** Makes a leaf the user's own whose elements will change in place: from now on they are on the device alone. */
export function keepForUpdates(tensor: Tensor): void {
  keep(tensor);
  tensor.source = undefined;
}

/** Gives a tensor's memory back now; reading it afterwards throws StaleTensorError. */
export function dispose(tensor: Tensor): void {
  if (tensor.kept) {
    disown(tensor);
    tensor.kept = false;
  }
  tensor.source = undefined;
  recycle(tensor, false);
  tensor.ended = "disposed";
}

/** Ends the oldest results when those of the device hold more than its budget, but nothing of a running call. */
function evictOverBudget(newest: Tensor): void {
  const device = newest.place;
  if (device === undefined || device.heldBytes <= device.backend.budget) return;
  evacuateLeaving();
  for (const tensor of live) {
    if (device.heldBytes <= device.backend.budget / 2) break;
    if (tensor === undefined || tensor === newest || tensor.place !== device || inScope(tensor)) continue;
    if (tensor.node) tensor.node.end("evicted");
    recycle(tensor, true);
  }
}

/** Takes what lost devices held out of the books. Data tensors make their device copy again on use. */
export function abandonLost(): void {
  for (const tensor of live) if (tensor?.array?.storage.isLost) forget(tensor);
}

/** What the books hold, for tests and `diagnose`. */
export const liveCounts = (): { live: number; loose: number } => ({ live: liveCount, loose: looseCount });
