import { hostMasks } from "../ops/dropout.ts";
import { linearBlock } from "../ops/linear.ts";
import type { Tensor } from "../tensor.ts";
import { ReLU } from "./activations.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { isObserved, Module } from "./module.ts";

/** A module from one tensor to one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/** True for a built-in module as it is, false for a subclass, whose forward may differ. */
const isExactly = <T extends Layer>(layer: Layer | undefined, type: abstract new (...args: never[]) => T): layer is T =>
  layer !== undefined && layer.constructor === type;

/**
 * Its modules one after the other; they are named 0, 1, …. A Linear with the ReLU and Dropout that follow it runs as one
 * operation with the same bits.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Module {
  static override readonly typeName = "Sequential";
  readonly [index: number]: Layer;

  constructor(...layers: Layer[]) {
    super();
    Object.assign(this, layers);
  }

  forward(x: Tensor): Tensor {
    const layers = this.children() as Layer[];
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
}
