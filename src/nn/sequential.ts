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

/** True for a built-in module as it is, false for a subclass, whose forward may differ. */
const isExactly = <T extends Layer>(layer: Layer | undefined, type: abstract new (...args: never[]) => T): layer is T =>
  layer !== undefined && layer.constructor === type;

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
    if (!this.#isKnown()) this.#known = this.children() as Layer[];
    const layers = this.#known;
    let out = x;
    for (let i = 0; i < layers.length; ) {
      const layer = layers[i] as Layer;
      if (isExactly(layer, Linear) && !isObserved()) {
        const relu = isExactly(layers[i + 1], ReLU);
        const next = layers[i + (relu ? 2 : 1)];
        // Masks that come from the host cannot be drawn in the kernel.
        const drop = isExactly(next, Dropout) && !(next.training && next.p > 0 && hostMasks()) ? next : undefined;
        const p = drop?.training && drop.p > 0 ? drop.p : undefined;
        out = linearBlock(out, layer.weight, layer.bias ?? undefined, relu, p);
        i += 1 + Number(relu) + Number(drop !== undefined);
      } else {
        out = layer(out);
        i++;
      }
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
