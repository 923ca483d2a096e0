import { download } from "../array.ts";
import type { Device } from "../backend/device.ts";
import type { TypedArray } from "../core/dtype.ts";
import { raiseFaults } from "../faults.ts";
import { arrayOf } from "../lifetime.ts";
import { elementsNow } from "../move.ts";
import type { Module } from "../nn/module.ts";
import { readState } from "../nn/state.ts";
import type { Tensor } from "../tensor.ts";
import type { LossWatch } from "./train.ts";

/** A loss on its way to the host, where the device does not read at once. */
interface Read {
  readonly value: TypedArray | Promise<TypedArray>;
  readonly step: number;
  /** The value, once it has come. */
  came: number | undefined;
}

/**
 * Looks for losses that are not finite. On one thread of the CPU that is a read of four bytes, before the parameters are moved;
 * on several it would hold them up, so the loss of the step before is looked at. On a GPU two losses are read in a snapshot's
 * interval, each is looked at when it has come, and waited for when the next one is due: which is long after it has.
 */
export class FiniteWatch {
  readonly #model: Module;
  readonly #gpuEvery: number;
  readonly #settled: () => Promise<void> | undefined;
  #device: Device | undefined;
  #epoch = 0;
  #read: Read | undefined;
  /** Steps between two looks. */
  #every = 1;

  /**
   * @param snapshotEvery steps between two snapshots on a GPU
   * @param settled waits for a snapshot that is under way, and throws what it has come upon
   */
  constructor(model: Module, snapshotEvery: number, settled: () => Promise<void> | undefined) {
    this.#model = model;
    this.#settled = settled;
    this.#gpuEvery = Math.ceil(snapshotEvery / 2);
  }

  /** What looks at the losses of an epoch. */
  ofEpoch(epoch: number): LossWatch {
    this.#epoch = epoch;
    this.#read = undefined;
    return (loss, step) => {
      const device = loss.place;
      if (device === undefined) return undefined;
      this.#device = device;
      if (device.backend.readsAtOnce) return this.#judge(elementsNow("fit", arrayOf(loss))[0], step);
      this.#every = device.type === "cpu" ? 1 : this.#gpuEvery;
      const before = this.#read;
      if (step % this.#every > 0) return before && this.#judge(before.came, before.step);
      this.#read = readLoss(loss, step);
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
    // A label out of range makes a loss NaN too, and says more; a snapshot may have come upon it first.
    await this.#settled();
    if (this.#device) await raiseFaults(this.#device);
    const { badLoss } = await import("./nonFinite.ts");
    const since = this.#every > 1 ? Math.max(0, step - this.#every) : undefined;
    throw await badLoss(this.#model, value, this.#epoch, step, since);
  }
}

function readLoss(loss: Tensor, step: number): Read {
  const value = download(arrayOf(loss));
  const read: Read = { value, step, came: undefined };
  const keep = ([came]: TypedArray) => {
    read.came = came;
  };
  // Whoever waits for it hears of what went wrong.
  if (value instanceof Promise) value.then(keep, () => undefined);
  else keep(value);
  return read;
}
