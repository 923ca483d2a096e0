// Forward results against float64, over random shapes: each operation gets so many milliseconds, the seed is told.
import { tensor } from "../../../src/create.ts";
import * as F from "../../../src/functional.ts";
import { init } from "../../../src/index.ts";
import type { Tensor } from "../../../src/tensor.ts";
import { type Case, casesFor } from "./forwardCases.ts";
import { type Input, Random } from "./random.ts";

interface Options {
  readonly device: "cpu" | "webgpu";
  readonly seed: number;
  /** For each operation. */
  readonly milliseconds: number;
}

interface Outcome {
  readonly name: string;
  readonly tried: number;
  /** The largest error as a share of what is allowed. */
  readonly worst: number;
  readonly failures: readonly string[];
}

/** A tensor of an input; where it says so, a view whose last two dimensions are swapped in memory. */
function tensorOf({ data, shape, swapped }: Input): Tensor {
  if (!swapped) return tensor(data, { shape });
  const [rows, cols] = [shape.at(-2) as number, shape.at(-1) as number];
  const stored = Float32Array.from(data, (_, i) => {
    const [matrix, rest] = [Math.floor(i / (rows * cols)), i % (rows * cols)];
    return data[matrix * rows * cols + (rest % rows) * cols + Math.floor(rest / rows)] as number;
  });
  return F.transpose(tensor(stored, { shape: [...shape.slice(0, -2), cols, rows] }), -1, -2);
}

async function tryOnce(each: Case, random: Random): Promise<{ worst: number; failure?: string }> {
  const { inputs, run, reference } = each.draw(random);
  const found = await run(...inputs.map(tensorOf)).data();
  const expected = reference(...inputs.map(({ data }) => data));
  const where = inputs.map(({ shape, swapped }) => `[${shape}]${swapped ? " swapped" : ""}`).join(" ");
  if (found.length !== expected.length)
    return { worst: 0, failure: `${each.name} ${where}: ${found.length} elements, not ${expected.length}` };
  let worst = 0;
  for (const [i, { value, allowed }] of expected.entries()) {
    const error = Math.abs((found[i] as number) - value);
    if (!(error <= allowed))
      return { worst, failure: `${each.name} ${where}: element ${i} is ${found[i]}, not ${value} ± ${allowed}` };
    if (allowed > 0) worst = Math.max(worst, error / allowed);
  }
  return { worst };
}

/** Tries one operation until its time is over, at least twice. */
async function tryCase(each: Case, random: Random, milliseconds: number): Promise<Outcome> {
  const failures: string[] = [];
  let [tried, worst] = [0, 0];
  for (const end = performance.now() + milliseconds; tried < 2 || performance.now() < end; tried++) {
    const outcome = await tryOnce(each, random);
    worst = Math.max(worst, outcome.worst);
    if (outcome.failure !== undefined) failures.push(outcome.failure);
  }
  return { name: each.name, tried, worst, failures };
}

export async function main({ device, seed, milliseconds }: Options): Promise<Outcome[]> {
  await init({ device });
  const random = new Random(seed);
  const outcomes: Outcome[] = [];
  for (const each of casesFor(device)) outcomes.push(await tryCase(each, random, milliseconds));
  return outcomes;
}
