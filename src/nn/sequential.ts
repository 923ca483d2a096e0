import { hostMasks } from "../ops/dropout.ts";
import { linearBlock } from "../ops/linear.ts";
import type { Tensor } from "../tensor.ts";
import { ReLU } from "./activations.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { isObserved, Module } from "./module.ts";

/**
 * A module from one tensor to one tensor: what `Sequential` holds.
 *
 * @category Containers
 */
export interface Layer extends Module {
  /**
   * From the tensor before to the tensor after.
   *
   * @param x what the layer before gave
   */
  forward(x: Tensor): Tensor;
}

/**
 * Its modules one after the other: `y = fₙ(… f₁(f₀(x)))`. They are named 0, 1, … in `stateDict` and are at `sequential[0]`, …. A
 * Linear with the ReLU and Dropout that follow it runs as one operation with the same bits.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 * @category Containers
 */
export class Sequential extends Module {
  static override readonly typeName = "Sequential";
  /** The modules by place, from 0. */
  readonly [index: number]: Layer;
  /** The modules that it had at its last call; none once somebody has asked for them, as `train` and `eval` do. */
  #known: readonly Layer[] = [];
  /** Their classes: what is found on a module, a function, is found slowly. */
  #classes: readonly unknown[] = [];

  /**
   * Any number of modules; with none it passes its input.
   *
   * @param layers the modules, in the order in which they are called
   */
  constructor(...layers: Layer[]) {
    super();
    Object.assign(this, layers);
  }

  /**
   * @param x what the first module takes
   * @returns what the last one gives; `x` itself where there is none
   * @throws what a module throws
   */
  forward(x: Tensor): Tensor {
    if (!this.#isKnown()) {
      this.#known = this.children() as Layer[];
      this.#classes = this.#known.map((layer) => layer.constructor);
    }
    const layers = this.#known;
    const classes = this.#classes;
    let out = x;
    for (let i = 0; i < layers.length; ) {
      const layer = layers[i] as Layer;
      // Only the built-in class: the forward of a subclass may differ.
      const isLinear = classes[i++] === Linear;
      if (!isLinear || isObserved()) {
        out = layer(out);
        continue;
      }
      const relu = classes[i] === ReLU;
      if (relu) i++;
      const dropout = classes[i] === Dropout ? (layers[i] as Dropout) : undefined;
      const p = dropout?.training ? dropout.p : 0;
      // Masks that come from the host cannot be drawn in the kernel.
      const isDropping = p > 0 && !hostMasks();
      if (dropout && (p === 0 || isDropping)) i++;
      const { weight, bias } = layer as Linear;
      out = linearBlock(out, weight, bias ?? undefined, relu, isDropping ? p : undefined);
    }
    return out;
  }

  /** Own submodules, in order of assignment. */
  override children(): Module[] {
    this.#known = [];
    return super.children();
  }

  /** Whether what is at 0, 1, … is known: to list an object's fields costs as much as a small layer. */
  #isKnown(): boolean {
    const { length } = this.#known;
    return length > 0 && !this[length] && this.#known.every((layer, i) => layer === this[i]);
  }
}
