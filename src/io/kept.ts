import { DataError } from "../core/errors.ts";

/** One copy of a name's bytes, somewhere in a browser. */
export interface Kept {
  /** `file`: replaced when closed; `slot`: one of two that are written in turn; `row`: of a database. */
  readonly kind: "file" | "slot" | "row";
  /** The count of the writes of this name; 0 for a slot that was not written to its end, infinite for a damaged file. */
  readonly sequence: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  remove(): Promise<void>;
}

/** A part of the browser that keeps bytes by name. */
export interface Place {
  /** The kind of copy that `write` makes; undefined where it can but read. */
  readonly writes: Kept["kind"] | undefined;
  copies(name: string): Promise<Kept[]>;
  /** Keeps bytes besides, or instead of, the copies that are there; the newest of them stays whole until this resolves. */
  write(name: string, sequence: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

const nameOf = (cause: unknown): string => String((cause as { name?: unknown } | undefined)?.name ?? "");

/** Whether a browser has said no to a page (private mode, a sandbox, the user's settings), rather than failed. */
export const isRefusal = (cause: unknown): boolean =>
  ["SecurityError", "NotAllowedError", "NotSupportedError", "UnknownError"].includes(nameOf(cause));

/** What a browser says where a page's room is used up; Chromium's pipe to such a file may be closed before it is told why. */
const NO_ROOM = ["QuotaExceededError", "AbortError"];

/** The error for a name that could not be read, written or removed in a browser: what it said, and the way out. */
export function pageError(verb: string, name: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const advice =
    verb === "write" && NO_ROOM.includes(nameOf(cause))
      ? "; the browser gives this page no more room, it seems: remove what is no longer needed, or make room on the disk"
      : "";
  return new DataError(`cannot ${verb} ${name}: ${said}${advice}`, { cause });
}
