import type { Device } from "../backend/device.ts";
import { DataError } from "../core/errors.ts";
import { type ByteStore, openStore } from "../io/store.ts";
import type { OptimizerState } from "../optim/state.ts";
import { decodeCheckpoint, type DecodedCheckpoint } from "./checkpointFile.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { CheckpointTarget, FitOptions, Resumption } from "./fit.ts";
import { Keeper, type RunParts } from "./keeper.ts";
import { checkOptimizer, checkWeights } from "./restore.ts";
import { checkFacts, optionsOf, type RunFacts, runFacts } from "./runFacts.ts";
import type { Batches } from "./evaluate.ts";
import { isRestorable, unfork } from "./snapshot.ts";
import type { Steps } from "./train.ts";

/** Where checkpoints go, as `fit` was told. */
interface Target {
  readonly store: ByteStore;
  readonly name: string;
  readonly everySteps: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A run's keeper, and where it goes on if it was cut short before. */
export interface Opened {
  readonly keeper: Keeper;
  readonly resumed: Resumption | undefined;
  /** Whether checkpoints are written. */
  readonly writes: boolean;
  /** Wall time that the run had taken. */
  readonly seconds: number;
}

/** What a run is made of, before it is known whether its optimizer can be saved. */
export type FitParts = Omit<RunParts, "optimizer"> & {
  readonly optimizer: Steps;
  readonly device: Device;
  readonly valLoader: Batches;
  readonly epochs: number;
  /** Gives back the draws that the call has cost; told how a fork is taken back. */
  readonly giveBack: (undo: typeof unfork) => void;
};

/**
 * The keeper of a run; undefined where nothing is to be written and what is lost cannot be put back. A checkpoint to go on from
 * is read and checked, and taken over once all of it is found right.
 *
 * @throws FormatError, DataError or ShapeError for a checkpoint that is damaged, or of another run; nothing is changed then
 * @throws TypeError for an optimizer without `stateDict` and `loadStateDict`
 */
export async function openKeeper(parts: FitParts, options: FitOptions): Promise<Opened | undefined> {
  const { optimizer, device, batches, valLoader } = parts;
  const target = options.checkpoint === undefined ? undefined : targetOf(options.checkpoint);
  const isWanted = target !== undefined || (options.resume !== undefined && options.resume !== false);
  try {
    if (!isRestorable(optimizer)) {
      if (!isWanted) return undefined;
      throw new TypeError("fit: a checkpoint needs an optimizer with stateDict and loadStateDict, as those of optim");
    }
    const run: RunParts = { ...parts, optimizer };
    if (!isWanted) return { keeper: new Keeper(run, device, undefined), resumed: undefined, writes: false, seconds: 0 };
    const state = await optimizer.stateDict();
    const facts = runFacts(batches, valLoader, state, device.type, options);
    const found = await findCheckpoint(target, options, run, { facts, state, epochs: parts.epochs });
    const first = found ? { ...facts, groups: found.facts.groups } : facts;
    const checkpoints = target && new Checkpoints(target.store, target.everySteps, first, target.metadata);
    const keeper = new Keeper(run, device, checkpoints);
    const writes = checkpoints !== undefined;
    if (!found) return { keeper, resumed: undefined, writes, seconds: 0 };
    keeper.resume(found.snapshot);
    const { epoch, step, seconds } = found.snapshot;
    const exact = batches.epoch !== undefined && found.facts.device === device.type;
    return { keeper, resumed: { epoch, step, exact }, writes, seconds };
  } catch (error) {
    parts.giveBack(unfork);
    throw error;
  }
}

/** The checkpoint to go on from, found right in all that can be told before anything is changed. */
async function findCheckpoint(
  target: Target | undefined,
  { resume }: FitOptions,
  { model, optimizer }: RunParts,
  now: { readonly facts: RunFacts; readonly state: OptimizerState<object>; readonly epochs: number },
): Promise<DecodedCheckpoint | undefined> {
  const name = target?.name ?? "the checkpoint";
  const bytes = resume === true ? await target?.store.read() : resume || undefined;
  if (bytes === undefined) return undefined;
  const found = decodeCheckpoint(bytes, name);
  const { snapshot } = found;
  checkRun(name, found, now.facts, now.epochs);
  checkWeights(name, model, snapshot.weights);
  if (snapshot.best.weights) checkWeights(name, model, snapshot.best.weights);
  const params = optimizer.paramGroups?.flatMap((group) => group.params) ?? model.parameters();
  const shapes = params.map(({ shape }) => shape);
  checkOptimizer(name, now.state, snapshot.optimizer, shapes);
  return found;
}

function checkRun(name: string, { snapshot, facts }: DecodedCheckpoint, now: RunFacts, epochs: number): void {
  checkFacts(name, now, facts, optionsOf(snapshot.optimizer));
  const { epoch, step, start } = snapshot;
  const done = step > 0 ? epoch : epoch - 1;
  if (done > epochs)
    throw new DataError(`fit: ${name} is in epoch ${done}, so epochs must be at least ${done}, got ${epochs}`);
  if (facts.facts["trainLoader.generator"] === true && start.own === undefined)
    throw new DataError(`fit: ${name} lacks the state of the loader's generator; begin a new run without resume`);
}

function targetOf(checkpoint: CheckpointTarget): Target {
  const isPlain = typeof checkpoint === "string" || "write" in checkpoint;
  const { to, everySteps, metadata = {} } = isPlain ? { to: checkpoint } : checkpoint;
  const isText = typeof to === "string";
  return { store: isText ? openStore(to) : to, name: isText ? to : "the checkpoint", everySteps, metadata };
}
