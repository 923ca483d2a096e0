import { beginTemporaries, contiguous, endTemporaries, type NdArray } from "./array.ts";
import type { Clock } from "./clock.ts";
import { DeviceLostError, GraphError, OutOfMemoryError, type TorchletError } from "./core/errors.ts";
import type { Tensor } from "./tensor.ts";

const NONE: readonly never[] = [];

/** An operation that was applied: what a node of the graph runs backward. */
export interface Application {
  /** What backward needs, held until the node has ended. */
  readonly saved: readonly NdArray[];
  /** Gradients of the inputs, in their order; null where none is needed. */
  backward(gradient: NdArray): readonly (NdArray | null)[];
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
  adopted: readonly Tensor[] = NONE;
  /** Why it has no backward any more. */
  ended: "used" | "evicted" | undefined;
  /** While `backward` runs: the gradient of the output as far as it is known. */
  pending: NdArray | undefined = undefined;
  /** The last walk that met it. */
  walk = 0;
  #application: Application | undefined;
  /** The versions of what was saved, when it was, together: each only grows. */
  #versions = 0;

  constructor(name: string, inputs: readonly (Tensor | undefined)[], application: Application) {
    this.name = name;
    this.inputs = inputs;
    this.#application = application;
    for (const { storage } of application.saved) this.#versions += storage.retain().version;
    let clocks: readonly Clock[] = NONE;
    for (const input of inputs)
      if (input?.node) clocks = union(clocks, input.node.clocks);
      else if (input?.clock && input.requiresGrad) clocks = union(clocks, input.clock.alone);
    this.clocks = clocks;
    for (const clock of clocks) clock.enter(this);
  }

  /** Throws unless backward can run: the graph has not ended, and what was saved is as it was. */
  check(): void {
    if (this.ended) throw endedError(this);
    let versions = 0;
    for (const { storage } of this.#application?.saved ?? NONE) {
      if (storage.isLost)
        throw new DeviceLostError("backward: the device that held this graph was lost; run the forward pass again");
      versions += storage.version;
    }
    if (versions !== this.#versions)
      throw new GraphError(
        `backward: a tensor that ${this.name} needs was changed in place after the forward pass (an optimizer step, or loading a state); run the forward pass again`,
      );
  }

  /** The gradients of the inputs, each retained for the caller. */
  backward(gradient: NdArray): readonly (NdArray | null)[] {
    const from = beginTemporaries();
    try {
      return (this.#application?.backward(gradient) ?? NONE).map(retained);
    } finally {
      endTemporaries(from);
    }
  }

  /** Releases what the node holds; it cannot run backward any more. */
  end(why: "used" | "evicted" = "used"): void {
    if (this.ended) return;
    this.ended = why;
    for (const { storage } of this.#application?.saved ?? NONE) storage.release();
    this.#application = undefined;
    this.inputs = NONE;
    this.output = undefined;
    this.adopted = NONE;
  }
}

/** A gradient for whoever takes it next, who expects elements in order: a view's may be strided. */
function retained(gradient: NdArray | null): NdArray | null {
  const array = gradient && contiguous(gradient);
  array?.storage.retain();
  return array;
}

/** All clocks of both lists: one of the lists itself where it holds the other. */
function union(a: readonly Clock[], b: readonly Clock[]): readonly Clock[] {
  if (a === b || a.length === 0) return b;
  const more = b.filter((clock) => !a.includes(clock));
  return more.length > 0 ? [...a, ...more] : a;
}

function endedError(node: GraphNode): TorchletError {
  return node.ended === "evicted"
    ? new OutOfMemoryError(
        "backward: the graph held more than the device's budget, so its oldest part was recycled; use a smaller batch, or wrap what needs no gradient in noGrad()",
      )
    : new GraphError(
        "backward: this graph was used already, or a step() retired it; pass { retainGraph: true } to run it more than once",
      );
}

/** Adds an item that the list does not hold yet. */
export function addOnce<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item);
}
