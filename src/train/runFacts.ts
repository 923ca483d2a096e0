import { DataError } from "../core/errors.ts";
import type { OptimizerState } from "../optim/state.ts";
import type { Batches } from "./evaluate.ts";
import type { FitOptions } from "./fit.ts";
import type { TrainBatches } from "./train.ts";

/** A value that two runs must have in common. */
export type Fact = string | number | boolean;

/** What a run that goes on must have in common with the one that was cut short, by the names that users know. */
export interface RunFacts {
  readonly facts: Readonly<Record<string, Fact>>;
  /** The optimizer's options as the run began: those of its groups, in order. */
  readonly groups: readonly object[];
  /** What computed: on another device the last bits may differ. */
  readonly device: string;
}

/** The groups of an optimizer without their parameters. */
export const optionsOf = ({ paramGroups }: OptimizerState<object>): object[] =>
  paramGroups.map(({ params: _, ...options }) => options);

/** The facts of a call of `fit`. */
export function runFacts(
  trainLoader: TrainBatches,
  valLoader: Batches,
  optimizer: OptimizerState<object>,
  device: string,
  options: FitOptions,
): RunFacts {
  const { mode = "multi", earlyStopping = false, patience = 10, saveBestModel = false, restoreBest = false } = options;
  const facts = {
    ...loaderFacts("trainLoader", trainLoader),
    "trainLoader.generator": trainLoader.generator !== undefined,
    ...loaderFacts("valLoader", valLoader),
    ...{ mode, earlyStopping, patience, saveBestModel, restoreBest },
  };
  return { facts, groups: optionsOf(optimizer), device };
}

/** What a loader tells of its batches: a `DataLoader` all of it, one of the user's what it likes. */
function loaderFacts(name: string, loader: object): Record<string, Fact> {
  const { length, batchSize, shuffle, dropLast, dataset } = loader as Readonly<Record<string, unknown>>;
  const samples = typeof dataset === "object" && dataset !== null && "length" in dataset ? dataset.length : undefined;
  const told = { length, batchSize, shuffle, dropLast, samples };
  const isFact = (entry: [string, unknown]): entry is [string, Fact] => ["number", "boolean"].includes(typeof entry[1]);
  return Object.fromEntries(
    Object.entries(told)
      .filter(isFact)
      .map(([key, value]) => [`${name}.${key}`, value]),
  );
}

/** Options of groups that are not what they were, as "lr is 0.1, was 0.01". */
function otherOptions(groups: readonly object[], before: readonly object[]): string[] {
  return groups.flatMap((group, i) =>
    Object.entries(group).flatMap(([name, value]) => {
      const known: unknown = (before[i] as Readonly<Record<string, unknown>> | undefined)?.[name];
      const same = JSON.stringify(value) === JSON.stringify(known);
      return same ? [] : [`the optimizer's ${name} is ${JSON.stringify(value)}, was ${JSON.stringify(known)}`];
    }),
  );
}

/**
 * Refuses to go on with another run than the one that was cut short.
 *
 * @param name what the checkpoint is called
 * @param groups the optimizer's options in the checkpoint, which may have been changed while it ran
 * @throws DataError that lists every difference
 */
export function checkFacts(name: string, now: RunFacts, before: RunFacts, groups: readonly object[]): void {
  const different = Object.keys({ ...before.facts, ...now.facts }).flatMap((fact) => {
    const [value, known] = [now.facts[fact], before.facts[fact]];
    return value === known ? [] : [`${fact} is ${value}, was ${known}`];
  });
  // An optimizer that has run on in this process has the options of then.
  const options = otherOptions(now.groups, before.groups);
  if (options.length > 0 && otherOptions(now.groups, groups).length > 0) different.push(...options);
  if (different.length === 0) return;
  throw new DataError(
    `fit: ${name} is of a run with other options, so it was not resumed: ${different.join("; ")}; use those of that run, or begin a new one without resume`,
  );
}
