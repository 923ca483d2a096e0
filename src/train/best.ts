import type { Module } from "../nn/module.ts";
import { type HostValue, readState } from "../nn/state.ts";

/**
 * Where best weights go: a file's path (Node, Deno, Bun; missing folders are made), or a function that takes the safetensors bytes
 * and may return a promise, for which training waits.
 *
 * @category Training
 */
export type ModelTarget = string | ((bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>);

/** How the best epoch so far did. */
export interface BestState {
  /** The lowest validation loss; infinity before the first epoch. */
  readonly loss: number;
  /** Epochs since then. */
  readonly waited: number;
  /** The weights of then, where they are kept. */
  readonly weights: ReadonlyMap<string, HostValue> | undefined;
}

/** Follows the validation loss: keeps the best weights, saves them, and tells when there has been no improvement for long. */
export class BestModel {
  readonly #model: Module;
  readonly #target: ModelTarget | undefined;
  readonly #keep: boolean;
  /** Replaced as a whole, never changed: whoever takes it has that moment's. */
  state: BestState = { loss: Number.POSITIVE_INFINITY, waited: 0, weights: undefined };

  /**
   * @param target where to save on every improvement, if anywhere
   * @param keep whether to keep the best weights for `restore`; those that are saved are kept too
   */
  constructor(model: Module, target: ModelTarget | undefined, keep: boolean) {
    this.#model = model;
    this.#target = target;
    this.#keep = keep;
  }

  /** @throws DataError if the target cannot be written */
  async check(): Promise<void> {
    if (typeof this.#target !== "string") return;
    // On use, here and below: most pages write no file.
    const { checkWritable } = await import("../io/save.ts");
    await checkWritable(this.#target);
  }

  /** Takes an epoch's validation loss. */
  async take(loss: number): Promise<void> {
    const { state } = this;
    if (!(loss < state.loss)) {
      this.state = { ...state, waited: state.waited + 1 };
      return;
    }
    // Read first: where the device is lost meanwhile, this epoch is judged again.
    const weights = this.#target !== undefined || this.#keep ? await readState(this.#model) : undefined;
    if (weights !== undefined && this.#target !== undefined) {
      const { serializeState } = await import("../io/state.ts");
      const bytes = serializeState(weights);
      if (typeof this.#target === "string") await (await import("../io/save.ts")).saveFile(this.#target, bytes);
      else await this.#target(bytes);
    }
    this.state = { loss, waited: 0, weights };
  }

  /** Gives the model its best weights back, if there were any. */
  restore(): void {
    if (this.state.weights) this.#model.loadStateDict(this.state.weights);
  }
}
