import { emptyArray, newEmpty, hold, type NdArray, run } from "./array.ts";
import type { Device } from "./backend/device.ts";
import { GraphError, ShapeError } from "./core/errors.ts";
import { type Kernel, kernel } from "./core/kernel.ts";
import { byElement } from "./core/split.ts";
import { numelOf, sameShape, showShape } from "./core/shape.ts";
import { type Clock, ownerless, retire } from "./clock.ts";
import { addOnce, type GraphNode } from "./graph.ts";
import { arrayOf, own, withScope } from "./lifetime.ts";
import { Tensor } from "./tensor.ts";

export const add: Kernel = kernel("add", {
  reads: ["a", "b"],
  writes: ["y"],
  params: { n: "u32", aStep: "u32", bStep: "u32" },
  split: byElement(([, aStep = 0, bStep = 0]) => [4 * aStep, 4 * bStep, 4]),
});
export const fill: Kernel = kernel("fill", { reads: [], writes: ["y"], params: { n: "u32", value: "f32" } });

/** Names the place where an optimizer would like a leaf's gradient; `backward` uses it while nobody but its owner holds it. */
export function setGradientSlot(leaf: Tensor, slot: NdArray): void {
  cellOf(leaf).slot = slot;
}

/** Takes a leaf's slot away before its memory goes, unless another has come in its place. */
export function clearGradientSlot(leaf: Tensor, slot: NdArray): void {
  const cell = cellOf(leaf);
  if (cell.slot === slot) cell.slot = undefined;
}

/** Room for the gradient of an operation's input, of its shape, float32: a leaf's slot where it is free, else a new array. */
export function gradientRoom(input: Tensor): NdArray {
  const slot = input.node || input.grad ? undefined : input.cell?.slot;
  if (slot && !slot.storage.isShared && !slot.storage.isLost) return hold(slot);
  return emptyArray(input.place as Device, input.shape, "float32");
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
  const nodes = root.node ? nodesBelow(root.node) : [];
  const seed = seedOf(root, gradient);
  if (root.node === undefined) {
    accumulate(root, seed);
    return;
  }
  const clocks: Clock[] = [];
  root.node.pending = seed;
  try {
    for (const node of nodes) propagate(node, clocks);
  } finally {
    for (const node of nodes) takePending(node)?.storage.release();
  }
  if (options.retainGraph) return;
  const retired = retire(nodes);
  for (const clock of clocks) clock.take(retired);
  if (clocks.includes(ownerless)) ownerless.tick();
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
  run(fill, [array], 1, 1);
  return array;
}

/** Walks over graphs so far; each marks the nodes that it has met. */
let walks = 0;

/** The nodes that `root` depends on, itself first, each before those it was computed from. */
function nodesBelow(root: GraphNode): GraphNode[] {
  const walk = ++walks;
  const nodes = [root];
  root.walk = walk;
  let isOrdered = true;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as GraphNode;
    node.check();
    for (const input of node.inputs) {
      const below = input?.node;
      if (below === undefined || below.walk === walk) continue;
      below.walk = walk;
      isOrdered &&= below.id < (nodes[nodes.length - 1] as GraphNode).id;
      nodes.push(below);
    }
  }
  return isOrdered ? nodes : nodes.sort((a, b) => b.id - a.id);
}

function takePending(node: GraphNode): NdArray | undefined {
  const { pending } = node;
  node.pending = undefined;
  return pending;
}

function propagate(node: GraphNode, clocks: Clock[]): void {
  const { pending, inputs } = node;
  if (pending === undefined) return;
  const gradients = node.backward(pending);
  takePending(node)?.storage.release();
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    const part = gradients[i];
    if (!part) continue;
    if (!input?.requiresGrad) part.storage.release();
    else if (input.node) {
      const sum = takePending(input.node);
      input.node.pending = sum ? addInto(sum, part) : part;
    } else {
      addOnce(clocks, input.clock ?? ownerless);
      accumulate(input, part);
    }
  }
}

/** a + b in new memory, since either may be shared; releases both. */
function addInto(a: NdArray, b: NdArray): NdArray {
  const sum = newEmpty(a, a.shape, a.dtype);
  run(add, [a, b, sum], numelOf(a.shape), 1, 1);
  a.storage.release();
  b.storage.release();
  return sum;
}

/** The one gradient a leaf holds, apart from the leaf so that it is freed when the leaf is collected. */
export interface GradientCell {
  array: NdArray | undefined;
  /** Where an optimizer would like the gradient to lie. */
  slot: NdArray | undefined;
}

function cellOf(leaf: Tensor): GradientCell {
  if (leaf.cell) return leaf.cell;
  const cell: GradientCell = { array: undefined, slot: undefined };
  leaf.cell = cell;
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
  const { cell, grad } = leaf;
  cell?.array?.storage.release();
  if (cell) cell.array = undefined;
  leaf.grad = null;
  if (!grad?.borrowed) return;
  grad.array = undefined;
  grad.ended = "recycled";
}
