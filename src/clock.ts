import type { GraphNode } from "./graph.ts";
import { evacuateSoon, keep, recycle } from "./lifetime.ts";
import type { Tensor } from "./tensor.ts";

/** Retired graphs that wait for a clock; backward without step must not pile them up. */
const MAX_RETIRED = 64;
/** Of so many nodes none is looked for that has ended. */
const FEW = 64;
/** Results live until the second following step. */
const STEPS_TO_LIVE = 2;

/**
 * Counts an optimizer's steps and ends what they outlive. Graphs are retired by `backward` and by `step`; their returned
 * tensors end at the second step after.
 */
export class Clock {
  /** A list of nothing else. */
  readonly alone: readonly [Clock] = [this];
  /** Nodes of graphs in which a leaf of this clock took part: all that have not ended, and some that have. */
  #nodes: GraphNode[] = [];
  #most = FEW;
  #retired: Retired[] = [];

  /** Takes a new node of a graph in which a leaf of this clock took part. */
  enter(node: GraphNode): void {
    if (this.#nodes.push(node) < this.#most) return;
    this.#nodes = this.#nodes.filter(isOpen);
    this.#most = 2 * this.#nodes.length + FEW;
  }

  /** Takes the tensors of a graph that has ended; `retired` may wait at several clocks, the first to ring ends it. */
  take(retired: Retired): void {
    this.#retired.push(retired);
    if (this.#retired.length > MAX_RETIRED) this.#retired.shift()?.end();
  }

  /** One step: ends what is two steps old, and retires every graph that is still open. */
  tick(): void {
    this.#retired = this.#retired.filter((retired) => !retired.ages());
    const open = this.#nodes.filter(isOpen);
    this.#nodes = [];
    if (open.length > 0) this.#retired.push(retire(open));
  }

  /** For when its optimizer is gone and no step will come: what waits for one is left to whoever holds it. */
  stop(): void {
    for (const each of this.#retired) each.end(letGo);
  }
}

const isOpen = ({ ended }: GraphNode): boolean => !ended;

/** The outputs of an ended graph, waiting for a clock. */
export class Retired {
  #tensors: readonly Tensor[] | undefined;
  #age = 0;

  constructor(tensors: readonly Tensor[]) {
    this.#tensors = tensors;
  }

  /** Grows a step older, and ends the tensors when that is old enough; true when they have ended. */
  ages(): boolean {
    if (++this.#age >= STEPS_TO_LIVE) this.end();
    return this.#tensors === undefined;
  }

  end(give: (tensor: Tensor) => void = evacuateSoon): void {
    for (const tensor of this.#tensors ?? []) give(tensor);
    this.#tensors = undefined;
  }
}

/** Makes a tensor the user's own: it ends when nobody holds it any more. */
const letGo = (tensor: Tensor): void => {
  if (tensor.array?.storage.isLost === false) keep(tensor);
};

/** Ends graph nodes: what they saved and made inside modules is released at once, what was returned waits in the result. */
export function retire(nodes: readonly GraphNode[]): Retired {
  const waiting: Tensor[] = [];
  for (const node of nodes) {
    const { output, adopted } = node;
    node.end();
    for (const tensor of adopted) waiting.push(tensor);
    if (output?.internal) recycle(output, false);
    else if (output) waiting.push(output);
  }
  return new Retired(waiting);
}

/** Leaves that no optimizer owns share a clock that ticks at each backward. */
export const ownerless: Clock = new Clock();
