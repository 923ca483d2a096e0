import { TorchletError } from "../core/errors.ts";

/**
 * Training in headless Chrome could not start or go on: a package or browser that is missing (the message has the line that
 * installs it), a page that does not load, does not call `headlessRun`, or crashes, or an error of the page that is none of
 * torchlet's.
 */
export class HeadlessError extends TorchletError {
  static {
    this.prototype.name = "HeadlessError";
  }
}
