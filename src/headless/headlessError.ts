import { TorchletError } from "../core/errors.ts";

/** Training in headless Chrome could not start or go on: a package or browser that is missing, a page that crashed or failed. */
export class HeadlessError extends TorchletError {
  static {
    this.prototype.name = "HeadlessError";
  }
}
