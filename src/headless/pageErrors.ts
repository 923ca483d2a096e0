import {
  DataError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  FormatError,
  GraphError,
  NonFiniteError,
  OutOfMemoryError,
  ShapeError,
  StaleTensorError,
} from "../core/errors.ts";
import { HeadlessError } from "./headlessError.ts";
import type { PageFailure } from "./protocol.ts";

/** Errors that mean here what they mean in a page. */
const KNOWN = new Map<string, new (message: string) => Error>([
  ["DataError", DataError],
  ["DeviceError", DeviceError],
  ["DeviceLostError", DeviceLostError],
  ["DTypeError", DTypeError],
  ["GraphError", GraphError],
  ["NonFiniteError", NonFiniteError],
  ["OutOfMemoryError", OutOfMemoryError],
  ["ShapeError", ShapeError],
  ["StaleTensorError", StaleTensorError],
  ["RangeError", RangeError],
  ["TypeError", TypeError],
]);

/**
 * The error of a page's job as an error of this process: of the same class where it is one of torchlet's or the language's,
 * else a HeadlessError. Its stack is the page's.
 *
 * @param dataUrl what the page knew the data folder by; the message names `data` instead
 */
export function errorOf(failure: PageFailure, dataUrl: string | undefined, data: string | undefined): Error {
  const { name, code, offset, stack } = failure;
  const message = dataUrl && data ? failure.message.replaceAll(dataUrl, data.replace(/\/$/, "")) : failure.message;
  const known = KNOWN.get(name);
  const error =
    code !== undefined && offset !== undefined && name === "FormatError"
      ? new FormatError(code, offset, message)
      : known
        ? new known(message)
        : new HeadlessError(`the page's job failed with ${name}: ${message}`);
  if (stack !== undefined) error.stack = stack;
  return error;
}
