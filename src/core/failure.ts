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
} from "./errors.ts";

/** An error on its way from one thread, page or process to another. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a FormatError. */
  readonly code?: string;
  readonly offset?: number;
}

/** Errors that mean the same on both sides. */
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

/** What travels of an error, or of anything else that was thrown. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  const { name, message, stack } = error;
  return { name, message, stack, ...(error instanceof FormatError && { code: error.code, offset: error.offset }) };
}

/**
 * The error on this side: of the same class where it is one of torchlet's or the language's, else what `other` makes of it. Its
 * stack is the one of the other side.
 */
export function errorFrom(failure: Failure, other: (failure: Failure) => Error): Error {
  const { name, message, code, offset, stack } = failure;
  const known = KNOWN.get(name);
  const isFormat = name === "FormatError" && code !== undefined && offset !== undefined;
  const error = isFormat ? new FormatError(code, offset, message) : known ? new known(message) : other(failure);
  if (stack !== undefined) error.stack = stack;
  return error;
}
