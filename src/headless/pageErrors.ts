import { errorFrom, type Failure } from "../core/failure.ts";
import { HeadlessError } from "./headlessError.ts";

/**
 * The error of a page's job as an error of this process: of the same class where it is one of torchlet's or the language's,
 * else a HeadlessError. Its stack is the page's.
 *
 * @param dataUrl what the page knew the data folder by; the message names `data` instead
 */
export function errorOf(failure: Failure, dataUrl: string | undefined, data: string | undefined): Error {
  const message = dataUrl && data ? failure.message.replaceAll(dataUrl, data.replace(/\/$/, "")) : failure.message;
  return errorFrom({ ...failure, message }, ({ name }) => {
    return new HeadlessError(`the page's job failed with ${name}: ${message}`);
  });
}
