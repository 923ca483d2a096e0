import type { Device } from "../backend/device.ts";
import { DeviceLostError } from "../core/errors.ts";
import type { GeneratorState } from "../core/random.ts";
import type { RandomSnapshot, RandomState } from "../core/random/state.ts";
import { abandonLost } from "../lifetime.ts";
import { restoreLeaf } from "../move.ts";
import type { Module } from "../nn/module.ts";
import { type HostValue, readState } from "../nn/state.ts";
import type { OptimizerState } from "../optim/state.ts";
import type { Tensor } from "../tensor.ts";
import type { Pass, Steps, TrainBatches } from "./train.ts";

/**
 * A device that was lost during `fit`, and how training goes on.
 *
 * @category Training
 */
export interface DeviceLoss {
  /** What told of the loss. */
  readonly error: DeviceLostError;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** The steps of it that had been done. */
  readonly step: number;
  /** The step of that epoch after which the last snapshot was taken: from there training is repeated. */
  readonly resumedFrom: number;
  /** What computes from now on. */
  readonly device: "cpu" | "webgpu";
  /** False where the loader cannot go back: the batches between the snapshot and the loss are not repeated. */
  readonly repeats: boolean;
}

/** An optimizer whose state can be saved and put back. Those of `optim` are. */
interface Restorable extends Steps {
  stateDict(): Promise<OptimizerState<object>>;
  loadStateDict(state: OptimizerState<object>): void;
}

const isRestorable = (optimizer: Steps): optimizer is Restorable =>
  "stateDict" in optimizer && "loadStateDict" in optimizer;

interface Snapshot {
  readonly step: number;
  readonly weights: ReadonlyMap<string, HostValue>;
  readonly optimizer: OptimizerState<object>;
  readonly random: RandomSnapshot;
}

/** Losses in a row without a step between them after which the GPU is given up. */
const MAX_LOSSES = 3;

/** Batches that go on where they were left when a loop over them is cut short. */
function resumable<T>(batches: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = batches[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

/** The part of a run that brings it over the loss of its device: snapshots on the host, and the way back to the last one. */
export class Recovery implements Pass {
  /** Steps of this epoch that the next pass over its batches begins after. */
  firstStep = 0;
  resumed = false;
  readonly #device: Device;
  readonly #model: Module;
  readonly #optimizer: Restorable;
  readonly #batches: TrainBatches;
  readonly #random: RandomState;
  readonly #every: number;
  #snapshot: Snapshot | undefined;
  #saving: Promise<void> | undefined;
  #epochStart: { readonly standard: GeneratorState; readonly own: GeneratorState | undefined };
  #failure: unknown;
  #step = 0;
  #losses = 0;
  #iterator: AsyncIterable<readonly [Tensor, Tensor]> | undefined;

  /** Undefined where nothing can be lost, or what is lost cannot be put back. */
  static of(
    model: Module,
    optimizer: Steps,
    batches: TrainBatches,
    random: RandomState,
    every: number,
  ): Recovery | undefined {
    const device = model.parameters()[0]?.place;
    if (!device?.canBeLost || !isRestorable(optimizer)) return undefined;
    return new Recovery(device, model, optimizer, batches, random, every);
  }

  private constructor(
    device: Device,
    model: Module,
    optimizer: Restorable,
    batches: TrainBatches,
    random: RandomState,
    every: number,
  ) {
    this.#device = device;
    this.#model = model;
    this.#optimizer = optimizer;
    this.#batches = batches;
    this.#random = random;
    this.#every = every;
    this.#epochStart = this.#generators();
  }

  /** Begins an epoch: its batches will be drawn from here. */
  async beginEpoch(): Promise<void> {
    await this.#saving;
    this.firstStep = 0;
    this.resumed = false;
    this.#step = 0;
    this.#iterator = this.#batches.epoch ? undefined : resumable(this.#batches);
    this.#epochStart = this.#generators();
    // The end of the epoch before is this one's beginning.
    if (this.#snapshot) this.#snapshot = { ...this.#snapshot, step: 0, random: this.#random.getState() };
    else await this.#save(0);
  }

  /** The epoch's batches from `firstStep` on, where an earlier pass over them was cut short. */
  get batches(): AsyncIterable<readonly [Tensor, Tensor]> | undefined {
    return this.#iterator;
  }

  /** Counts a step; now and then a snapshot is taken, for which training does not wait. */
  afterStep(step: number): void {
    this.#step = step;
    this.#raise();
    if (step % this.#every !== 0 || this.#saving) return;
    this.#saving = this.#save(step)
      .catch((error: unknown) => {
        // A loss is told to whoever waits for a result; what else a read brings up, as a label out of range, is told here.
        if (!(error instanceof DeviceLostError)) this.#failure = error;
      })
      .finally(() => {
        this.#saving = undefined;
      });
  }

  /** Takes a snapshot of the epoch's end, so that an evaluation that is cut short costs no training. */
  async endTraining(): Promise<void> {
    await this.#saving;
    this.#raise();
    await this.#save(this.#step);
    this.firstStep = this.#step;
  }

  /**
   * Brings the run back to its last snapshot, on a new device or on the CPU; the pass over the batches is to begin again.
   *
   * @throws what it is given, unless that is the loss of this run's device
   */
  async recover(error: unknown, epoch: number): Promise<DeviceLoss> {
    await this.#saving;
    const snapshot = this.#snapshot;
    // Another run on the device may have renewed it by now; another device's loss is not this run's to mend.
    const lost = this.#model.parameters().some(({ array }) => array?.storage.isLost);
    if (!(error instanceof DeviceLostError) || snapshot === undefined || !lost) throw error;
    const at = this.#step;
    this.#losses++;
    if (this.#device.isLost) await this.#device.renew(this.#losses > MAX_LOSSES);
    abandonLost();
    for (const [name, parameter] of this.#model.namedParameters())
      restoreLeaf(parameter, (snapshot.weights.get(name) as HostValue).data);
    this.#optimizer.loadStateDict(snapshot.optimizer);
    const repeats = await this.#reposition(snapshot);
    this.firstStep = snapshot.step;
    this.resumed = true;
    this.#step = snapshot.step;
    return { error, epoch, step: at, resumedFrom: snapshot.step, device: this.#device.type, repeats };
  }

  /** Draws the epoch's order once more and passes over what was trained before the snapshot; false where that cannot be. */
  async #reposition(snapshot: Snapshot): Promise<boolean> {
    const { standard, own } = this.#epochStart;
    if (this.#batches.epoch === undefined) {
      this.#random.setState(snapshot.random);
      return false;
    }
    this.#random.generator.setState(standard);
    if (own) this.#batches.generator?.setState(own);
    const batches = this.#batches.epoch(this.#random.generator);
    for (let i = 0; i < snapshot.step; i++) await batches.next();
    // What the order cost is drawn again; masks and whatever else follows go on from the snapshot.
    if (snapshot.step > 0) this.#random.setState(snapshot.random);
    else this.#random.offset = snapshot.random.offset;
    this.#iterator = batches;
    return true;
  }

  /** Throws, once, what a snapshot brought up while training went on. */
  #raise(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #generators(): { standard: GeneratorState; own: GeneratorState | undefined } {
    return { standard: this.#random.generator.getState(), own: this.#batches.generator?.getState() };
  }

  async #save(step: number): Promise<void> {
    const { generation } = this.#device;
    const random = this.#random.getState();
    const [weights, optimizer] = await Promise.all([readState(this.#model), this.#optimizer.stateDict()]);
    if (this.#device.isLost || this.#device.generation !== generation)
      throw new DeviceLostError("fit: the device was lost while a snapshot was taken");
    if (step > 0) this.#losses = 0;
    this.#snapshot = { step, weights, optimizer, random };
  }
}
