import { ShapeError } from "../core/errors.ts";
import { sameShape, showShape } from "../core/shape.ts";
import type { Module } from "../nn/module.ts";
import type { OptimizerState } from "../optim/state.ts";
import { optionsOf } from "./runFacts.ts";
import type { Weights } from "./stateFile.ts";

const shapesOf = (tensors: Iterable<readonly [string, { readonly shape: readonly number[] }]>): Map<string, string> =>
  new Map(Array.from(tensors, ([name, { shape }]) => [name, showShape(shape)]));

/**
 * Checks that weights are those of a model, and changes nothing.
 *
 * @param name what messages call the checkpoint
 * @throws ShapeError that lists every difference
 */
export function checkWeights(name: string, model: Module, weights: Weights): void {
  const [own, given] = [shapesOf(model.stateDict()), shapesOf(weights)];
  const problems = Array.from(new Set([...own.keys(), ...given.keys()])).flatMap((key) => {
    const [expected, came] = [own.get(key), given.get(key)];
    if (expected === came) return [];
    if (came === undefined) return [`missing ${key}`];
    return expected === undefined ? [`unexpected ${key}`] : [`${key} is ${came}, expected ${expected}`];
  });
  if (problems.length > 0)
    throw new ShapeError(`${name} is of another model, so nothing was loaded: ${problems.join("; ")}`);
}

/** The kind of a value in the words of `typeof`, and how many a list holds. */
const kindOf = (value: unknown): string => (Array.isArray(value) ? `list of ${value.length}` : typeof value);

/**
 * Checks that a state is of an optimizer like this one, and changes nothing.
 *
 * @param now the optimizer's own state
 * @param sizes shapes of its parameters, in its order
 * @throws ShapeError where groups, parameters or shapes differ, or options are of another kind of optimizer
 */
export function checkOptimizer(
  name: string,
  now: OptimizerState<object>,
  given: OptimizerState<object>,
  sizes: readonly (readonly number[])[],
): void {
  const refuse: (what: string) => never = (what) => {
    throw new ShapeError(`${name} is of another optimizer, so nothing was loaded: ${what}`);
  };
  const groups = (state: OptimizerState<object>) => state.paramGroups.map(({ params }) => params.length);
  if (!sameShape(groups(now), groups(given)))
    refuse(`its groups have ${showShape(groups(given))} parameters, here ${showShape(groups(now))}`);
  const kinds = (state: OptimizerState<object>) =>
    optionsOf(state).map((options) =>
      Object.entries(options)
        .map(([option, value]) => `${option}: ${kindOf(value)}`)
        .sort()
        .join(", "),
    );
  const [own, others] = [kinds(now), kinds(given)];
  own.forEach((options, i) => {
    if (options !== others[i]) refuse(`its options are { ${others[i]} }, here { ${options} }`);
  });
  for (const [index, { step: _, ...arrays }] of Object.entries(given.state)) {
    const expected = sizes[Number(index)];
    if (expected === undefined) refuse(`it has a parameter ${index}, here there are ${sizes.length}`);
    for (const [array, value] of Object.entries(arrays))
      if (typeof value === "number" || !sameShape(value.shape, expected))
        refuse(
          `${array} of parameter ${index} is ${typeof value === "number" ? value : showShape(value.shape)}, expected ${showShape(expected)}`,
        );
  }
}
