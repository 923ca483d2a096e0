import { collectTemporaries, contiguous, emptyArray, hold, type NdArray, run } from "./array.ts";
import type { Device } from "./backend/device.ts";
import { DeviceLostError, GraphError, OutOfMemoryError, ShapeError, type TorchletError } from "./core/errors.ts";
import { type Kernel, kernel } from "./core/kernel.ts";
import { byElement } from "./core/split.ts";
import { numelOf, sameShape, showShape } from "./core/shape.ts";
import { type Clock, ownerless, retire } from "./clock.ts";
import { arrayOf, own, withScope } from "./lifetime.ts";
import { Tensor } from "./tensor.ts";

export const add: Kernel = kernel("add", {
  reads: ["a", "b"],
  writes: ["y"],
  params: { n: "u32", aStep: "u32", bStep: "u32" },
  split: byElement(([, aStep = 0, bStep = 0]) => [4 * aStep, 4 * bStep, 4]),
});
export const fill: Kernel = kernel("fill", { reads: [], writes: ["y"], params: { n: "u32", value: "f32" } });

/** Room for the gradient of an operation's input i, of that input's shape, float32. */
export type GradientRoom = (input: number) => NdArray;

/** Gradients of an operation's inputs, in their order; null where none is needed. Runs inside `collectTemporaries`. */
export type Backward = (gradient: NdArray, room: GradientRoom) => readonly (NdArray | null)[];

/** Where an optimizer would like a leaf's gradient to lie. */
const slots = new WeakMap<Tensor, NdArray>();

/** Names the place for a leaf's gradient; `backward` uses it while nobody but its owner holds it. */
export function setGradientSlot(leaf: Tensor, slot: NdArray): void {
  slots.set(leaf, slot);
}

/** Takes a leaf's slot away before its memory goes, unless another has come in its place. */
export function clearGradientSlot(leaf: Tensor, slot: NdArray): void {
  if (slots.get(leaf) === slot) slots.delete(leaf);
}

/** The leaf's slot where it is free, else a new array. Inside `collectTemporaries`. */
function roomFor(input: Tensor): NdArray {
  const slot = input.node || input.grad ? undefined : slots.get(input);
  if (slot && !slot.storage.isShared && !slot.storage.isLost) return hold(slot);
  return emptyArray(input.place as Device, input.shape, "float32");
}

interface Saved {
  readonly array: NdArray;
  readonly version: number;
}

let nodesMade = 0;

/** One operation in a graph: its inputs, what it saved for backward, and the tensor it made. */
export class GraphNode {
  readonly id: number = ++nodesMade;
  /** PyTorch's name of the backward function, as in `grad_fn=<AddmmBackward0>`. */
  readonly name: string;
  readonly clocks: readonly Clock[];
  inputs: readonly (Tensor | undefined)[];
  output: Tensor | undefined;
  adopted: readonly Tensor[] = [];
  /** Why it has no backward any more. */
  ended: "used" | "evicted" | undefined;
  #saved: Saved[];
  #backward: Backward | undefined;

  constructor(name: string, inputs: readonly (Tensor | undefined)[], saved: readonly NdArray[], backward: Backward) {
    this.name = name;
    this.inputs = inputs;
    this.#backward = backward;
    this.#saved = saved.map((array) => ({ array, version: array.storage.retain().version }));
    const clocks = new Set<Clock>();
    for (const input of inputs) {
      if (input?.node) for (const clock of input.node.clocks) clocks.add(clock);
      else if (input?.clock && input.requiresGrad) clocks.add(input.clock);
    }
    this.clocks = [...clocks];
    for (const clock of clocks) clock.open.add(this);
  }

  /** Throws unless backward can run: the graph has not ended, and what was saved is as it was. */
  check(): void {
    if (this.ended) throw endedError(this);
    for (const { array, version } of this.#saved) {
      if (array.storage.isLost)
        throw new DeviceLostError("backward: the device that held this graph was lost; run the forward pass again");
      if (array.storage.version !== version)
        throw new GraphError(
          `backward: a tensor that ${this.name} needs was changed in place after the forward pass (an optimizer step, or loading a state); run the forward pass again`,
        );
    }
  }

  /** The gradients of the inputs, each retained for the caller. */
  backward(gradient: NdArray): readonly (NdArray | null)[] {
    return collectTemporaries(() => {
      // A view's gradient may be strided; whoever takes it next expects elements in order.
      const room = (input: number) => roomFor(this.inputs[input] as Tensor);
      const gradients = (this.#backward?.(gradient, room) ?? []).map((each) => each && contiguous(each));
      for (const each of gradients) each?.storage.retain();
      return gradients;
    });
  }

  /** Releases what the node holds; it cannot run backward any more. */
  end(why: "used" | "evicted" = "used"): void {
    if (this.ended) return;
    this.ended = why;
    for (const clock of this.clocks) clock.open.delete(this);
    for (const { array } of this.#saved) array.storage.release();
    this.#saved = [];
    this.#backward = undefined;
    this.inputs = [];
    this.output = undefined;
    this.adopted = [];
  }
}

function endedError(node: GraphNode): TorchletError {
  return node.ended === "evicted"
    ? new OutOfMemoryError(
        "backward: the graph held more than the device's budget for intermediate results, so its oldest part was recycled; use a smaller batch, or wrap what needs no gradient in noGrad()",
      )
    : new GraphError(
        "backward: this graph was used already, or a step() retired it; to run backward through it again, pass { retainGraph: true } the first time",
      );
}

let enabled = true;

/** Whether operations record a graph now. */
export const gradEnabled = (): boolean => enabled;

/**
 * Runs `work` without recording a graph and returns its value. What it makes inside and does not return is recycled.
 * PyTorch's `with torch.no_grad():`.
 *
 * @param work a synchronous function; what it awaits would run with the flag of other tasks
 * @see https://pytorch.org/docs/stable/generated/torch.no_grad.html
 * @category Autograd
 * @throws TypeError if `work` returns a promise: the flag would leak into other tasks
 */
export function noGrad<T>(work: () => T): T {
  const before = enabled;
  enabled = false;
  try {
    return withScope("noGrad", () => {
      const value = work();
      if (isPromise(value))
        throw new TypeError(
          "noGrad: the function must be synchronous, it returned a promise; await outside, compute inside",
        );
      return value;
    });
  } finally {
    enabled = before;
  }
}

/** True for anything that `await` would wait for. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

/**
 * Accumulates d(this)/d(leaf) into `grad` of every leaf that requires it.
 *
 * @param gradient d(something)/d(root), of the root's shape; 1 for a root with one element
 * @throws GraphError if the root has no graph, or its graph was used and not retained
 */
export function backward(root: Tensor, gradient?: Tensor, options: { retainGraph?: boolean } = {}): void {
  if (!root.requiresGrad)
    throw new GraphError(
      "backward: this tensor does not require grad and has no graph; was it computed inside noGrad()?",
    );
  const seed = seedOf(root, gradient);
  if (root.node === undefined) {
    accumulate(root, seed);
    return;
  }
  const nodes = nodesBelow(root.node);
  const pending = new Map<GraphNode, NdArray>([[root.node, seed]]);
  const clocks = new Set<Clock>();
  try {
    for (const node of nodes) propagate(node, pending, clocks);
  } finally {
    for (const rest of pending.values()) rest.storage.release();
  }
  if (options.retainGraph) return;
  const retired = retire(nodes);
  for (const clock of clocks) clock.take(retired);
  if (clocks.has(ownerless)) ownerless.tick();
}

/** The root's gradient, retained for the caller. */
function seedOf(root: Tensor, gradient: Tensor | undefined): NdArray {
  if (gradient) {
    if (!sameShape(gradient.shape, root.shape))
      throw new ShapeError(
        `backward: the gradient has shape ${showShape(gradient.shape)}, expected ${showShape(root.shape)} like the tensor`,
      );
    const array = arrayOf(gradient);
    array.storage.retain();
    return array;
  }
  if (root.numel !== 1)
    throw new GraphError(
      `backward: only a tensor of one element has an implicit gradient, this one has shape ${showShape(root.shape)}; reduce it first, or pass a gradient`,
    );
  const array = emptyArray(arrayOf(root).storage.device, root.shape, "float32");
  run(fill, [], [array], [1, 1]);
  return array;
}

/** The nodes that `root` depends on, itself first, each before those it was computed from. */
function nodesBelow(root: GraphNode): GraphNode[] {
  const seen = new Set<GraphNode>([root]);
  for (const node of seen) {
    node.check();
    for (const input of node.inputs) if (input?.node) seen.add(input.node);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

function propagate(node: GraphNode, pending: Map<GraphNode, NdArray>, clocks: Set<Clock>): void {
  const gradient = pending.get(node);
  if (gradient === undefined) return;
  const gradients = node.backward(gradient);
  pending.delete(node);
  gradient.storage.release();
  node.inputs.forEach((input, i) => {
    const part = gradients[i];
    if (!part) return;
    if (!input?.requiresGrad) part.storage.release();
    else if (input.node) {
      const sum = pending.get(input.node);
      pending.set(input.node, sum ? addInto(sum, part) : part);
    } else {
      clocks.add(input.clock ?? ownerless);
      accumulate(input, part);
    }
  });
}

/** a + b in new memory, since either may be shared; releases both. */
function addInto(a: NdArray, b: NdArray): NdArray {
  const sum = emptyArray(a.storage.device, a.shape, a.dtype);
  run(add, [a, b], [sum], [numelOf(a.shape), 1, 1]);
  a.storage.release();
  b.storage.release();
  return sum;
}

/** The one gradient a leaf holds, apart from the leaf so that it is freed when the leaf is collected. */
interface GradientCell {
  array: NdArray | undefined;
}
const cells = new WeakMap<Tensor, GradientCell>();

function cellOf(leaf: Tensor): GradientCell {
  const known = cells.get(leaf);
  if (known) return known;
  const cell: GradientCell = { array: undefined };
  cells.set(leaf, cell);
  own(leaf, () => cell.array?.storage.release());
  return cell;
}

/** leaf.grad += part; takes `part` over. */
function accumulate(leaf: Tensor, part: NdArray): void {
  const cell = cellOf(leaf);
  // A user may have set `grad` to null; then the old sum is nobody's.
  if (leaf.grad === null) cell.array?.storage.release();
  const sum = leaf.grad && cell.array ? addInto(cell.array, part) : part;
  sum.storage.persist();
  cell.array = sum;
  leaf.grad ??= new Tensor({ shape: leaf.shape, dtype: leaf.dtype, device: leaf.place });
  leaf.grad.array = sum;
  leaf.grad.borrowed = true;
}

/** Makes an array a leaf's gradient; takes it over. */
export function setGrad(leaf: Tensor, gradient: NdArray): void {
  clearGrad(leaf);
  accumulate(leaf, gradient);
}

/** Sets a leaf's gradient to null and gives its memory back. */
export function clearGrad(leaf: Tensor): void {
  const cell = cells.get(leaf);
  cell?.array?.storage.release();
  if (cell) cell.array = undefined;
  const { grad } = leaf;
  leaf.grad = null;
  if (!grad?.borrowed) return;
  grad.array = undefined;
  grad.ended = "recycled";
}
