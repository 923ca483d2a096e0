import { DataError } from "../core/errors.ts";

/** An open file, as far as saving needs it. */
export interface FileHandle {
  writeFile(bytes: Uint8Array | string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is known of a path without opening it. */
export interface FileFacts {
  readonly mtimeMs: number;
  isFile(): boolean;
}

/** Node's `fs/promises`, as far as saving and reading need it. */
export interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<FileFacts>;
  mkdir(path: string, options: { recursive: boolean }): Promise<string | undefined>;
}

interface Paths {
  dirname(path: string): string;
  resolve(path: string): string;
}

/** A module of Node's, also in Deno and Bun; a page has none. Asked for by name so that no bundler follows it. */
export function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/**
 * The file system and the names of paths.
 *
 * @throws DataError in a page
 */
export function fileSystem(path: string): { files: FileSystem; folder: string; paths: Paths } {
  const files = builtin<FileSystem>("node:fs/promises");
  const paths = builtin<Paths>("node:path");
  if (files === undefined || paths === undefined)
    throw new DataError(
      `cannot write ${path}: a page has no file system; pass a function that takes the bytes instead`,
    );
  return { files, folder: paths.dirname(path), paths };
}

/** The code of a system's error, as `ENOSPC`; empty where it has none. */
export const codeOf = (cause: unknown): string => String((cause as { code?: unknown } | undefined)?.code ?? "");

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: make room, or choose a path on another one",
  EDQUOT: "your share of the disk is full: make room, or choose a path on another one",
  EACCES: "choose a path that this user may write",
  EPERM: "choose a path that this user may write",
  EROFS: "that disk is read-only: choose a path on another one",
  EISDIR: "a folder has this name: choose another one",
  ENOTDIR: "a part of the path is a file and no folder: choose another one",
  EIO: "the disk itself has failed: choose a path on another one",
};

/** The error for a file that could not be read, written or removed: what the system said, and the way out. */
export function fileError(verb: string, path: string, cause: unknown): DataError {
  const advice = ADVICE[codeOf(cause)];
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`cannot ${verb} ${path}: ${said}${advice === undefined ? "" : `; ${advice}`}`, { cause });
}

interface Permissions {
  querySync(wish: { name: string; path?: string; kind?: string }): { readonly state: string };
}

/** Whether Deno has granted a wish, which is not asked of the user then; elsewhere everything is. */
export function isGranted(wish: { name: string; path?: string; kind?: string }): boolean {
  const { Deno } = globalThis as { Deno?: { readonly permissions: Permissions } };
  return Deno === undefined || Deno.permissions.querySync(wish).state === "granted";
}
