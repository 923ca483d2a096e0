// The reference job on the CPU and on WebGPU side by side: losses of the first steps, of single steps from the CPU's snapshots,
// and the accuracy after an epoch.
import { randomState } from "../../../src/core/random/state.ts";
import { readState } from "../../../src/nn/state.ts";
import { restoreLeaf } from "../../../src/move.ts";
import { evaluate } from "../../../src/train/index.ts";
import { forgetMnist, mnistLoader } from "../../support/mnist.ts";
import { type Batch, Job } from "./job.ts";

interface Options {
  readonly free: number;
  readonly forced: number;
  /** Whether to train a whole epoch too. */
  readonly epoch: boolean;
}

interface Outcome {
  /** |loss on WebGPU − loss on the CPU| of each step, both from the same beginning. */
  readonly free: number[];
  /** The same of steps that begin at the CPU's weights, moments and random state; and of the step behind each. */
  readonly forced: number[];
  /** Accuracies on the test images after an epoch, the CPU's first. */
  readonly accuracies: number[];
}

const item = async (loss: { item(): Promise<number | boolean> }): Promise<number> => Number(await loss.item());

/** The first batches of seed 0. They live on the CPU. */
async function batchesOf(n: number): Promise<Batch[]> {
  await Job.open("cpu");
  forgetMnist();
  const batches: Batch[] = [];
  for await (const [x, y] of await mnistLoader(true)) {
    batches.push([x.keep(), y.keep()]);
    if (batches.length === n) break;
  }
  return batches;
}

async function losses(device: "cpu" | "webgpu", batches: readonly Batch[]): Promise<number[]> {
  const job = await Job.open(device);
  const found: number[] = [];
  for (const batch of batches) found.push(await item(await job.step(batch)));
  return found;
}

/** Gives a job the state of another one. */
async function follow(follower: Job, leader: Job): Promise<void> {
  const [weights, optimizer] = [await readState(leader.model), await leader.optimizer.stateDict()];
  for (const [name, parameter] of follower.model.namedParameters()) {
    const value = weights.get(name);
    if (value !== undefined) restoreLeaf(parameter, value.data);
  }
  follower.optimizer.loadStateDict(optimizer);
}

async function forcedDifferences(batches: readonly Batch[], steps: number): Promise<number[]> {
  const [gpu, cpu] = [await Job.open("webgpu"), await Job.open("cpu")];
  const differences: number[] = [];
  for (let i = 0; i < steps; i++) {
    const pair = [batches[i] as Batch, batches[i + 1] as Batch];
    await follow(gpu, cpu);
    const before = randomState().getState();
    const onGpu: number[] = [];
    for (const batch of pair) onGpu.push(await item(await gpu.step(batch)));
    randomState().setState(before);
    const first = await item(await cpu.step(pair[0] as Batch));
    // The step behind it is taken by a third job, so that the CPU's own run stays where it is.
    const ahead = await Job.open("cpu");
    await follow(ahead, cpu);
    randomState().setState({ ...before, offset: before.offset + DROPOUTS });
    const second = await item(await ahead.step(pair[1] as Batch));
    randomState().setState({ ...before, offset: before.offset + DROPOUTS });
    differences.push(Math.abs(first - (onGpu[0] as number)), Math.abs(second - (onGpu[1] as number)));
  }
  return differences;
}

/** Dropout calls of one forward pass: the model has five. */
const DROPOUTS = 5;

async function accuracyAfterEpoch(device: "cpu" | "webgpu"): Promise<number> {
  const job = await Job.open(device);
  forgetMnist();
  for await (const batch of await mnistLoader(true)) await job.step(batch);
  return (await evaluate(await mnistLoader(false), job.model, job.lossFn)).accuracy;
}

export async function main({ free, forced, epoch }: Options): Promise<Outcome> {
  const batches = await batchesOf(Math.max(free, forced + 1));
  const first = batches.slice(0, free);
  const [cpu, gpu] = [await losses("cpu", first), await losses("webgpu", first)];
  const accuracies: number[] = [];
  if (epoch) for (const device of ["cpu", "webgpu"] as const) accuracies.push(await accuracyAfterEpoch(device));
  return {
    free: cpu.map((loss, i) => Math.abs(loss - (gpu[i] as number))),
    forced: await forcedDifferences(batches, forced),
    accuracies,
  };
}
