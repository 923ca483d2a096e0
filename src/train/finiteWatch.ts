import type { TypedArray } from "../core/dtype.ts";
import { arrayOf } from "../lifetime.ts";
import { elementsNow } from "../move.ts";
import type { Module } from "../nn/module.ts";
import { readArray } from "../read.ts";
import { readState } from "../nn/state.ts";
import type { Tensor } from "../tensor.ts";
import type { LossWatch } from "./train.ts";

/** A loss on its way to the host, where the device does not read at once. */
interface Read {
  readonly value: TypedArray | Promise<TypedArray>;
  readonly step: number;
}

/**
 * Looks for losses that are not finite. On one thread of the CPU that is a read of four bytes, before the parameters are moved;
 * on several it would hold them up, so the loss of the step before is looked at; on a GPU the snapshots tell.
 */
export class FiniteWatch {
  readonly #model: Module;
  #epoch = 0;
  #read: Read | undefined;

  constructor(model: Module) {
    this.#model = model;
  }

  /** What looks at the losses of an epoch. */
  ofEpoch(epoch: number): LossWatch {
    this.#epoch = epoch;
    this.#read = undefined;
    return (loss, step) => {
      const device = loss.place;
      if (device?.type !== "cpu") return undefined;
      if (device.backend.readsAtOnce) return this.#judge(elementsNow("fit", arrayOf(loss))[0], step);
      const before = this.#read;
      this.#read = { value: readLoss(loss), step };
      return before && this.#judgeRead(before);
    };
  }

  /** Looks at the last loss, and at the weights. @throws NonFiniteError */
  async endTraining(): Promise<void> {
    if (this.#read) await this.#judgeRead(this.#read);
    const { badWeight, badWeights } = await import("./nonFinite.ts");
    const bad = badWeight(await readState(this.#model));
    if (bad !== undefined) throw badWeights(bad, `by the end of epoch ${this.#epoch}`);
  }

  async #judgeRead({ value, step }: Read): Promise<void> {
    await this.#judge((await value)[0], step);
  }

  #judge(value = 0, step: number): Promise<void> | undefined {
    return Number.isFinite(value) ? undefined : this.#refuse(value, step);
  }

  async #refuse(value: number, step: number): Promise<never> {
    const { badLoss } = await import("./nonFinite.ts");
    throw await badLoss(this.#model, value, this.#epoch, step);
  }
}

function readLoss(loss: Tensor): TypedArray | Promise<TypedArray> {
  const value = readArray(arrayOf(loss));
  // Whoever waits for it hears of it.
  if (value instanceof Promise) value.catch(() => undefined);
  return value;
}
