// The file that the tests of `torchlet/worker` load in a worker: one job that does what its arguments ask for.
import { FormatError, ShapeError } from "../../src/core/errors.ts";
import { serveTraining, type WorkerRun } from "../../src/worker/index.ts";
import { trainLine } from "./trainLine.ts";

/** What a test asks of the job. */
export interface Order {
  readonly task: keyof typeof TASKS;
  readonly epochs?: number;
}

const forever = (run: WorkerRun<Order>) => {
  run.post("begun");
  return new Promise<never>(() => undefined);
};

const TASKS = {
  train: (run: WorkerRun<Order>) => trainLine(run, run.args.epochs ?? 2),
  echo: (run: WorkerRun<Order>) =>
    new Promise((resolve) => {
      const heard: unknown[] = [];
      run.onMessage((value) => {
        heard.push(value);
        run.post({ heard: value });
        if (value === "end") resolve(heard);
      });
    }),
  shape: () => Promise.reject(new ShapeError("linear: wrong")),
  format: () => Promise.reject(new FormatError("CODE", 7, "broken")),
  custom: () => Promise.reject(new SyntaxError("odd")),
  thrown: () => Promise.reject("a word"),
  unclonable: () => () => 1,
  forever,
  signal: (run: WorkerRun<Order>) =>
    new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(run.signal.reason))),
};

const job = serveTraining((run: WorkerRun<Order>): unknown => TASKS[run.args.task](run));
export type Job = typeof job;
