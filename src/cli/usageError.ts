import { TorchletError } from "../core/errors.ts";

/** A command line that does not say what to do; its sentence tells what was expected, what came, and where the help is. */
export class UsageError extends TorchletError {
  /** What the process is to exit with. */
  readonly exitCode = 2;

  static {
    UsageError.prototype.name = "UsageError";
  }
}
