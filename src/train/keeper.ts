import type { Device } from "../backend/device.ts";
import { DeviceLostError } from "../core/errors.ts";
import type { RandomState } from "../core/random/state.ts";
import { abandonLost } from "../lifetime.ts";
import { restoreLeaf } from "../move.ts";
import type { Module } from "../nn/module.ts";
import { type HostValue, readState } from "../nn/state.ts";
import type { BestModel } from "./best.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { DeviceLoss } from "./deviceLoss.ts";
import { badWeight, badWeights } from "./nonFinite.ts";
import { type Rest, reposition, resumable } from "./reposition.ts";
import {
  type EpochStart,
  type MetricLists,
  type Position,
  type Restorable,
  type Snapshot,
  takeRandom,
} from "./snapshot.ts";
import type { Pass, TrainBatches } from "./train.ts";

/** Losses in a row without a step between them after which the GPU is given up. */
const MAX_LOSSES = 3;

/** What a run consists of, and what is told of it. */
export interface RunParts {
  readonly model: Module;
  readonly optimizer: Restorable;
  readonly batches: TrainBatches;
  readonly random: RandomState;
  readonly best: BestModel;
  readonly history: MetricLists;
  /** Wall time that the run has taken. */
  readonly seconds: () => number;
  /** Steps between two snapshots on a device that can be lost. */
  readonly snapshotEvery: number;
  readonly checkFinite: boolean;
}

type Here = Omit<Snapshot, "weights" | "optimizer">;

/**
 * Keeps the state of a run: snapshots on the host, from which it goes on where a device is lost, and which are written as
 * checkpoints, from which another process goes on.
 */
export class Keeper implements Pass {
  /** Steps of this epoch that the next pass over its batches begins after. */
  firstStep = 0;
  resumed = false;
  readonly #run: RunParts;
  readonly #device: Device;
  readonly #checkpoints: Checkpoints | undefined;
  /** Where the run stands, all but what lies on the device. */
  #here: Here;
  #snapshot: Snapshot | undefined;
  #rest: Rest | undefined;
  #saving: Promise<void> | undefined;
  /** A snapshot was due while the one before was being taken. */
  #isOverdue = false;
  #failure: unknown;
  #losses = 0;
  /** A snapshot of another process that this one is to begin with. */
  #toResume: Snapshot | undefined;

  constructor(run: RunParts, device: Device, checkpoints: Checkpoints | undefined) {
    this.#run = run;
    this.#device = device;
    this.#checkpoints = checkpoints;
    this.#here = this.#at({ epoch: 0, step: 0, trained: false }, this.#generators());
  }

  /** Takes over what has been checked before: the state of another process, to go on from. */
  resume(snapshot: Snapshot): void {
    const { model, optimizer, best, history } = this.#run;
    optimizer.loadStateDict(snapshot.optimizer);
    model.loadStateDict(snapshot.weights);
    best.state = snapshot.best;
    for (const [name, values] of Object.entries(snapshot.history))
      (history[name as keyof MetricLists] as number[]).push(...values);
    this.#toResume = snapshot;
  }

  /** Begins an epoch: its batches will be drawn from here. The end of the one before is this one's beginning. */
  async beginEpoch(epoch: number): Promise<void> {
    await this.settled();
    this.firstStep = 0;
    this.resumed = false;
    const { batches, random } = this.#run;
    const snapshot = this.#toResume;
    if (snapshot) {
      this.#rest = await this.#return(snapshot);
      this.#toResume = undefined;
      if (!batches.epoch) this.#rest ??= resumable(random, batches);
      this.#snapshot = snapshot;
      return;
    }
    this.#rest = batches.epoch ? undefined : resumable(random, batches);
    this.#here = this.#at({ epoch, step: 0, trained: false }, this.#generators());
    await this.#save();
    if (epoch > 1) this.#write();
  }

  /** The epoch's batches from `firstStep` on, where an earlier pass over them was cut short. */
  get batches(): Rest | undefined {
    return this.#rest;
  }

  /** Counts a step; now and then a snapshot is taken, for which training does not wait. */
  afterStep(step: number): void {
    this.#raise();
    this.#here = this.#at({ ...this.#here, step, trained: false }, this.#here.start);
    if (this.#device.canBeLost && step % this.#run.snapshotEvery === 0) this.#isOverdue = true;
    const forFile = this.#checkpoints?.isDue(step) === true;
    if (this.#saving || !(this.#isOverdue || forFile)) return;
    this.#saving = this.#save()
      .then(() => {
        if (forFile) this.#write();
      })
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
    await this.settled();
    const { step, start } = this.#here;
    this.#here = this.#at({ ...this.#here, trained: true }, start);
    await this.#save();
    this.firstStep = step;
  }

  /** Writes where the run was cut short, between two steps or in an evaluation. */
  async interrupt(): Promise<void> {
    if (this.#checkpoints === undefined || this.#here.epoch === 0) return;
    await this.#saving;
    await this.#save().catch((error: unknown) => {
      if (!(error instanceof DeviceLostError)) throw error;
    });
    this.#write();
    await this.#written();
  }

  /** Writes the end of a run: the beginning of an epoch that may never come. */
  async end(epoch: number): Promise<void> {
    // Resumed after its last epoch, the run is as it was written.
    if (this.#toResume) return;
    await this.beginEpoch(epoch);
    await this.#written();
  }

  /** Resolves when nothing is being written any more. */
  async idle(): Promise<void> {
    await this.#saving;
    await this.#checkpoints?.idle();
  }

  /** @throws what a write or a snapshot has thrown */
  async #written(): Promise<void> {
    await this.idle();
    this.#raise();
  }

  /**
   * Brings the run back to its last snapshot, on a new device or on the CPU; the pass over the batches is to begin again.
   *
   * @throws what it is given, unless that is the loss of this run's device
   */
  async recover(error: unknown): Promise<DeviceLoss> {
    await this.#saving;
    const snapshot = this.#snapshot;
    const { model, optimizer, batches } = this.#run;
    // Another run on the device may have renewed it by now; another device's loss is not this run's to mend.
    const lost = model.parameters().some(({ array }) => array?.storage.isLost);
    const canRenew = this.#device.canBeLost || !this.#device.isLost;
    if (!(error instanceof DeviceLostError) || snapshot === undefined || !lost || !canRenew) throw error;
    const { epoch, step } = this.#here;
    this.#losses++;
    if (this.#device.isLost) await this.#device.renew(this.#losses > MAX_LOSSES);
    abandonLost();
    for (const [name, parameter] of model.namedParameters())
      restoreLeaf(parameter, (snapshot.weights.get(name) as HostValue).data);
    optimizer.loadStateDict(snapshot.optimizer);
    const repeats = batches.epoch !== undefined;
    const goesOn = this.#rest;
    const rest = await this.#return(snapshot, repeats);
    this.#rest = repeats ? rest : goesOn;
    const resumedFrom = snapshot.epoch === epoch ? snapshot.step : 0;
    return { error, epoch, step, resumedFrom, device: this.#device.type, repeats };
  }

  /** Puts generators and counts where a snapshot was taken; the batches that followed it, where they can be had again. */
  async #return(snapshot: Snapshot, again = true): Promise<Rest | undefined> {
    const { batches, random } = this.#run;
    const { weights: _, optimizer: __, ...here } = snapshot;
    this.firstStep = snapshot.step;
    this.resumed = true;
    this.#here = here;
    if (again) return reposition(batches, random, snapshot);
    random.setState(snapshot.random);
    return undefined;
  }

  #generators(): EpochStart {
    const { random, batches } = this.#run;
    return { standard: random.generator.getState(), own: batches.generator?.getState() };
  }

  /** This moment, all but what lies on the device. */
  #at({ epoch, step, trained }: Position, start: EpochStart): Here {
    const { random, best, history, seconds } = this.#run;
    const state = { epoch, step, trained, start, random: takeRandom(random), best: best.state };
    return { ...state, history, seconds: seconds() };
  }

  /** Resolves when no snapshot is being taken. @throws what one, or its writing, has brought up */
  async settled(): Promise<void> {
    await this.#saving;
    this.#raise();
  }

  /** Throws, once, what a snapshot or its writing brought up while training went on. */
  #raise(): void {
    const failure = this.#failure ?? this.#checkpoints?.takeFailure();
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #write(): void {
    if (this.#snapshot) this.#checkpoints?.write(this.#snapshot);
  }

  /** Takes a snapshot of where the run stands. @throws NonFiniteError where the weights are not finite; the last one then stays */
  async #save(): Promise<void> {
    const { model, optimizer, checkFinite } = this.#run;
    const { generation } = this.#device;
    const here = this.#here;
    this.#isOverdue = false;
    const began = performance.now();
    const [weights, state] = await Promise.all([readState(model), optimizer.stateDict()]);
    if (this.#device.isLost || this.#device.generation !== generation)
      throw new DeviceLostError("fit: the device was lost while a snapshot was taken");
    const bad = checkFinite ? badWeight(weights) : undefined;
    if (bad !== undefined) throw badWeights(bad, `by step ${here.step} of epoch ${here.epoch}`);
    if (here.step > 0) this.#losses = 0;
    this.#snapshot = { ...here, ...clipped(this.#run.history, here.epoch), weights, optimizer: state };
    this.#checkpoints?.took(performance.now() - began);
  }
}

/** The history of the epochs before one: what it was as that began. */
function clipped(history: MetricLists, epoch: number): { readonly history: MetricLists } {
  const entries = Object.entries(history).map(([name, values]) => [name, values.slice(0, Math.max(epoch - 1, 0))]);
  return { history: Object.fromEntries(entries) as MetricLists };
}
