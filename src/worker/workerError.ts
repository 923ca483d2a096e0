import { TorchletError } from "../core/errors.ts";

/** Training in a worker could not start or go on: a worker that does not load, serves nothing, ended, or whose job failed. */
export class WorkerError extends TorchletError {
  static {
    this.prototype.name = "WorkerError";
  }
}
