import { collectTemporaries, contiguous, download, heldBytes, type NdArray, ownTemporaries, upload } from "./array.ts";
import type { GraphNode } from "./autograd.ts";
import type { DType, TypedArray } from "./core/dtype.ts";
import { DeviceError, StaleTensorError } from "./core/errors.ts";
import type { Shape } from "./core/shape.ts";
import { type Source, Tensor } from "./tensor.ts";

/** Tensors up to this many bytes move to the host when their device memory is recycled, so they never go stale. */
const SMALL = 65536;
/** Results that belong to no graph: this many, and this many bytes, stay on the device. */
const MAX_LOOSE = 1024;
const MAX_LOOSE_BYTES = 8 << 20;
/** Retired graphs that wait for a clock; backward without step must not pile them up. */
const MAX_RETIRED = 64;
/** Results live until the second following step. */
const STEPS_TO_LIVE = 2;

/** What operations made and still hold on a device, oldest first. */
const live = new Set<Tensor>();
/** Those of them that belong to no graph and no running call. */
const loose = new Set<Tensor>();
let looseBytes = 0;

const bytesHeld = (tensor: Tensor): number => tensor.array?.storage.block.bytes ?? 0;
const isSmall = (tensor: Tensor): boolean => tensor.source !== undefined || bytesHeld(tensor) <= SMALL;

/** Releases what a garbage-collected owner held. */
const collected = new FinalizationRegistry<() => void>((release) => release());

/** Calls `release` when `owner` is garbage-collected, unless `disown` comes first. `release` must not refer to `owner`. */
export function own(owner: object, release: () => void): void {
  collected.register(owner, release, owner);
}

export function disown(owner: object): void {
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
  if (tensor.array) return tensor.array;
  if (tensor.place === undefined) throw new DeviceError("a shape-only tensor has no elements");
  if (tensor.source === undefined) throw staleError(tensor);
  const { source, place } = tensor;
  tensor.array = ownTemporaries(() => source.make(place));
  live.add(tensor);
  loosen(tensor);
  return tensor.array;
}

function staleError(tensor: Tensor): StaleTensorError {
  const what = `a tensor of shape [${tensor.shape.join(", ")}]`;
  return new StaleTensorError(
    tensor.ended === "disposed"
      ? `${what} was read after dispose()`
      : `${what} was read after its memory had been recycled: it was made inside a module and not returned, or more than two optimizer steps ago; call .keep() on it when you make it`,
  );
}

/** Enters a result into the books. `inputs` are what it was computed from. */
export function born(tensor: Tensor, inputs: readonly (Tensor | undefined)[]): void {
  live.add(tensor);
  scope?.made.push(tensor);
  const parents = inputs.filter((input): input is Tensor => input !== undefined && isAdoptable(input));
  if (tensor.node) tensor.node.adopted = ancestry(parents);
  else {
    if (parents.length > 0) tensor.origins = parents;
    if (scope === undefined) loosen(tensor);
  }
  evictOverBudget(tensor);
}

/** A big result without a graph ends with the graph that used it. */
const isAdoptable = (tensor: Tensor): boolean => !tensor.kept && !tensor.node && live.has(tensor) && !isSmall(tensor);

/** The given results and all that they were computed from, as far as it still holds device memory. */
function ancestry(parents: readonly Tensor[]): readonly Tensor[] {
  const found = new Set(parents);
  for (const each of found) for (const origin of each.origins ?? []) if (isAdoptable(origin)) found.add(origin);
  return [...found];
}

function loosen(tensor: Tensor): void {
  if (tensor.kept || loose.has(tensor) || !isSmall(tensor)) return;
  loose.add(tensor);
  looseBytes += bytesHeld(tensor);
  if (loose.size <= MAX_LOOSE && looseBytes <= MAX_LOOSE_BYTES) return;
  for (const oldest of loose) {
    if (loose.size <= MAX_LOOSE / 2 && looseBytes <= MAX_LOOSE_BYTES / 2) break;
    if (oldest !== tensor && !inScope(oldest)) recycle(oldest, true);
  }
}

function inScope(tensor: Tensor): boolean {
  for (let s = scope; s; s = s.outer) if (s.made.includes(tensor)) return true;
  return false;
}

function forget(tensor: Tensor): void {
  live.delete(tensor);
  if (loose.delete(tensor)) looseBytes -= bytesHeld(tensor);
}

/** Gives a tensor's device memory back. With `evacuate`, small contents move to the host first. */
export function recycle(tensor: Tensor, evacuate: boolean): void {
  const { array } = tensor;
  if (tensor.kept || tensor.borrowed || array === undefined) return;
  forget(tensor);
  tensor.origins = undefined;
  const moves = evacuate && tensor.source === undefined && array.storage.block.bytes <= SMALL;
  const finish = (host?: TypedArray) => {
    if (tensor.array !== array || tensor.kept) return;
    tensor.array = undefined;
    if (host) tensor.source = hostSource(host, array.shape, array.dtype);
    else if (tensor.source === undefined) tensor.ended = "recycled";
    array.storage.release();
  };
  if (!moves) {
    finish();
    return;
  }
  const host = collectTemporaries(() => download(contiguous(array)));
  if (host instanceof Promise) host.then(finish, () => finish());
  else finish(host);
}

/** A source whose elements lie on the host. */
export function hostSource(host: TypedArray, shape: Shape, dtype: DType): Source {
  return { host, make: (device) => upload(device, host, shape, dtype) };
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
  const returned = new Set<Tensor>();
  collectTensors(output, returned);
  for (const tensor of mine.made) {
    if (returned.has(tensor)) {
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
function collectTensors(value: unknown, into: Set<Tensor>): void {
  if (value instanceof Tensor) into.add(value);
  else if (Array.isArray(value)) for (const item of value) collectTensors(item, into);
  else if (value instanceof Map) for (const item of value.values()) collectTensors(item, into);
  else if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    for (const item of Object.values(value)) collectTensors(item, into);
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
  storage.persist();
  own(tensor, () => storage.release());
  return tensor;
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

/**
 * Counts an optimizer's steps and ends what they outlive. Graphs are retired by `backward` and by `step`; their returned
 * tensors end at the second step after.
 */
export class Clock {
  /** Graphs in which a leaf of this clock took part and that have not ended. */
  readonly open = new Set<GraphNode>();
  #retired: Retired[] = [];

  /** Takes the tensors of a graph that has ended; `retired` may wait at several clocks, the first to ring ends it. */
  take(retired: Retired): void {
    this.#retired.push(retired);
    if (this.#retired.length > MAX_RETIRED) this.#retired.shift()?.end();
  }

  /** One step: ends what is two steps old, and retires every graph that is still open. */
  tick(): void {
    this.#retired = this.#retired.filter((retired) => !retired.ageBy(1));
    if (this.open.size > 0) this.#retired.push(retire(this.open));
  }
}

/** The outputs of an ended graph, waiting for a clock. */
export class Retired {
  #tensors: readonly Tensor[] | undefined;
  #age = 0;

  constructor(tensors: readonly Tensor[]) {
    this.#tensors = tensors;
  }

  /** Ends the tensors when they are old enough; true when they have ended. */
  ageBy(steps: number): boolean {
    this.#age += steps;
    if (this.#age >= STEPS_TO_LIVE) this.end();
    return this.#tensors === undefined;
  }

  end(): void {
    for (const tensor of this.#tensors ?? []) recycle(tensor, true);
    this.#tensors = undefined;
  }
}

/** Ends graph nodes: what they saved and made inside modules is released at once, what was returned waits in the result. */
export function retire(nodes: Iterable<GraphNode>): Retired {
  const waiting: Tensor[] = [];
  for (const node of [...nodes]) {
    const { output, adopted } = node;
    node.end();
    waiting.push(...adopted);
    if (output?.internal) recycle(output, false);
    else if (output) waiting.push(output);
  }
  return new Retired(waiting);
}

/** Leaves that no optimizer owns share a clock that ticks at each backward. */
export const ownerless = new Clock();

/** Ends the oldest results when those of the device hold more than its budget, but nothing of a running call. */
function evictOverBudget(newest: Tensor): void {
  const device = newest.place;
  if (device === undefined || heldBytes(device) <= device.backend.budget) return;
  for (const tensor of live) {
    if (heldBytes(device) <= device.backend.budget / 2) break;
    if (tensor === newest || tensor.place !== device || inScope(tensor)) continue;
    if (tensor.node) tensor.node.end("evicted");
    recycle(tensor, true);
  }
}

/** What the books hold, for tests and `diagnose`. */
export const liveCounts = (): { live: number; loose: number } => ({ live: live.size, loose: loose.size });
