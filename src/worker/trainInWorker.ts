import type { WorkerRun } from "./protocol.ts";
import { RemoteRun } from "./remoteRun.ts";
import type { ThreadLike, WebWorkerLike } from "./scope.ts";
import type { WorkerOptions, WorkerTraining } from "./training.ts";

/** The arguments of a job: `typeof job`, where `job` is what `serveTraining` returned. */
export type ArgsOf<Job> = Job extends (run: WorkerRun<infer Args>) => unknown ? Args : unknown;

/** What a job resolves to. */
export type ResultOf<Job> = Job extends (run: never) => infer Result ? Awaited<Result> : unknown;

/**
 * Runs the job that a worker serves (`serveTraining`), off this thread: this side only hears how it goes. The worker stays
 * for further runs until its owner ends it with `worker.terminate()`.
 *
 * Workers are made by their owner, since bundlers look for that very expression:
 * `new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" })`; in Node it is that of node:worker_threads.
 *
 * @example
 * const training = trainInWorker<Job>(worker, { args: { lr: 1e-3 }, onEpoch: (info) => draw(info), signal });
 * const history = await training.result;
 *
 * @param worker a worker whose file calls `serveTraining`
 * @param options arguments, and who hears of what
 * @returns the run under way
 * @throws TypeError for something that is not a worker, or a callback that is no function
 * @throws RangeError for a `stepEvery` or `timeout` below 0
 * @throws DataCloneError for arguments that cannot be cloned
 */
export function trainInWorker<Job = unknown>(
  worker: WebWorkerLike | ThreadLike,
  options: WorkerOptions<ArgsOf<Job>> = {},
): WorkerTraining<ResultOf<Job>> {
  const isWorker = typeof worker === "object" && worker !== null && "postMessage" in worker;
  if (!isWorker || !("addEventListener" in worker || "on" in worker))
    throw new TypeError(`trainInWorker: expected a Worker, got ${worker === null ? "null" : typeof worker}`);
  for (const name of ["onStep", "onEpoch", "onMessage"] as const)
    if (options[name] !== undefined && typeof options[name] !== "function")
      throw new TypeError(`trainInWorker: ${name} is to be a function, got ${typeof options[name]}`);
  for (const name of ["stepEvery", "timeout"] as const)
    if (options[name] !== undefined && !(options[name] >= 0))
      throw new RangeError(`trainInWorker: ${name} is to be a number of milliseconds >= 0, got ${options[name]}`);
  return new RemoteRun<ResultOf<Job>>(worker, options);
}
