import { download } from "../array.ts";
import { NonFiniteError } from "../core/errors.ts";
import type { TypedArray } from "../core/dtype.ts";
import { arrayOf } from "../lifetime.ts";
import type { Module } from "../nn/module.ts";
import type { HostValue } from "../nn/state.ts";

/** The first element that is NaN or infinite; -1 where there is none. */
function findNonFinite(data: TypedArray): number {
  // The difference of a finite number with itself is 0: one sum tells of all of them.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
  return sum === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}

/** "0.weight[3] is NaN" of the first weight that is not finite; undefined where all are. */
export function badWeight(weights: Iterable<readonly [string, HostValue]>): string | undefined {
  for (const [name, { data }] of weights) {
    const at = findNonFinite(data);
    if (at >= 0) return `${name}[${at}] is ${data[at]}`;
  }
  return undefined;
}

/** "0.weight[3] is NaN", or of its gradient, of the first parameter with one that is not finite. */
async function badPlace(model: Module): Promise<string | undefined> {
  for (const [name, parameter] of model.namedParameters()) {
    const arrays = [
      [name, parameter],
      [`the gradient of ${name}`, parameter.grad],
    ] as const;
    for (const [what, tensor] of arrays) {
      const data = tensor ? await download(arrayOf(tensor)) : [];
      const at = Array.isArray(data) ? -1 : findNonFinite(data);
      if (at >= 0) return `${what}, at element ${at}: ${data[at]}`;
    }
  }
  return undefined;
}

const WAY_OUT =
  "look for such values in the data, or lower the learning rate; `checkFinite: false` trains on regardless";

/**
 * The error of a loss that is not finite, with the first parameter or gradient that is not either.
 *
 * @param since the last step before it whose loss was looked at, where not all are
 */
export async function badLoss(
  model: Module,
  value: number,
  epoch: number,
  step: number,
  since?: number,
): Promise<NonFiniteError> {
  const place = await badPlace(model);
  const where = place ? `the first that is not finite is ${place}` : "all parameters and their gradients are finite";
  const looked = since === undefined ? "" : `, or was so before, after step ${since}`;
  return new NonFiniteError(
    `fit: the loss is ${value} in step ${step} of epoch ${epoch}${looked}; ${where}; ${WAY_OUT}`,
  );
}

/** The error of weights that are not finite. @param when as "after step 3 of epoch 1, or shortly before" */
export const badWeights = (place: string, when: string): NonFiniteError =>
  new NonFiniteError(`fit: ${when} ${place}; ${WAY_OUT}`);
