// SHA-256 of the weights after some steps of the reference job.
import { forgetMnist, mnistLoader } from "../../support/mnist.ts";
import { Job } from "./job.ts";

interface Options {
  /** One run for each number of threads. */
  readonly threads: readonly number[];
  readonly steps: number;
}

async function hashAfter(steps: number, threads: number): Promise<string> {
  const job = await Job.open("cpu", threads);
  forgetMnist();
  const loader = await mnistLoader(true);
  for (let step = 0; step < steps; )
    for await (const batch of loader) {
      await job.step(batch);
      if (++step === steps) break;
    }
  return job.hash();
}

export async function main({ threads, steps }: Options): Promise<string[]> {
  const hashes: string[] = [];
  for (const each of threads) hashes.push(await hashAfter(steps, each));
  return hashes;
}
