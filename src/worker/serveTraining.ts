import { JobRun } from "./jobRun.ts";
import { holdLife } from "./life.ts";
import { isOurs, type WorkerJob } from "./protocol.ts";
import { ownScope } from "./scope.ts";

/**
 * Offers a training job to the thread that made this worker; to be called once, at the top of the worker's file, before any
 * `await` if there is a choice. Each `trainInWorker` runs the job once. The worker's other messages are left alone.
 *
 * @example
 * const job = serveTraining(async (run: WorkerRun<{ lr: number }>) => {
 *   await init();
 *   …
 *   return fit(trainLoader, testLoader, model, lossFn, new optim.Adam(model.parameters(), { lr: run.args.lr }), 10, {
 *     onStep: run.onStep, onEpoch: run.onEpoch, signal: run.signal, progress: false });
 * });
 * export type Job = typeof job;
 *
 * @param job what is to be done; what it returns is cloned to the other side
 * @returns the job, for its type
 * @throws WorkerError outside of a worker
 * @throws TypeError for anything but a function
 */
export function serveTraining<Args, Result>(job: WorkerJob<Args, Result>): WorkerJob<Args, Result> {
  if (typeof job !== "function")
    throw new TypeError(`serveTraining: expected the job, a function of the run, got ${typeof job}`);
  const scope = ownScope();
  const life = holdLife();
  const ready = async () => scope.post({ torchlet: "ready", lock: await life }, []);
  scope.listen((data) => {
    if (!isOurs(data)) return;
    if (data.torchlet === "hello") void ready();
    // The types of arguments are the caller's promise: it names this job's type.
    else if (data.torchlet === "run") new JobRun(data.port, job as WorkerJob);
  });
  void ready();
  return job;
}
