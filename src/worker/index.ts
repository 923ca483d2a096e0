/**
 * Training off the main thread, in browsers, Node, Deno and Bun: a worker's file serves a job, its owner runs it with typed
 * progress, pause and abort.
 *
 * @module torchlet/worker
 */
export type { JobStep, WorkerCheckpoint, WorkerCheckpoints, WorkerJob, WorkerRun, WorkerStep } from "./protocol.ts";
export type { ThreadLike, WebWorkerLike } from "./scope.ts";
export { serveTraining } from "./serveTraining.ts";
export { type ArgsOf, type ResultOf, trainInWorker } from "./trainInWorker.ts";
export type { WorkerOptions, WorkerTraining } from "./training.ts";
export { WorkerError } from "./workerError.ts";
