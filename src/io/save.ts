import { DataError } from "../core/errors.ts";

interface FileHandle {
  writeFile(bytes: Uint8Array | string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
}

interface Paths {
  dirname(path: string): string;
}

function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

function fileSystem(path: string): { files: FileSystem; folder: string } {
  const files = builtin<FileSystem>("node:fs/promises");
  const paths = builtin<Paths>("node:path");
  if (files === undefined || paths === undefined)
    throw new DataError(
      `cannot write ${path}: a page has no file system; pass a function that takes the bytes instead`,
    );
  return { files, folder: paths.dirname(path) };
}

const failed = (path: string, cause: unknown): DataError =>
  new DataError(`cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });

let writes = 0;
const temporaryName = (path: string): string => `${path}.${++writes}.tmp`;

/**
 * Makes the folder of `path` and tries to write beside it, so that a run fails before it starts rather than after it ends.
 *
 * @throws DataError
 */
export async function checkWritable(path: string): Promise<void> {
  const { files, folder } = fileSystem(path);
  const probe = temporaryName(path);
  try {
    // The folder is made only where it is missing: Deno asks for the right to read all above it.
    const handle = await files.open(probe, "w").catch(async (cause: { code?: string }) => {
      if (cause.code !== "ENOENT") throw cause;
      await files.mkdir(folder, { recursive: true });
      return files.open(probe, "w");
    });
    await handle.close();
    await files.unlink(probe);
  } catch (cause) {
    throw failed(path, cause);
  }
}

interface Permissions {
  querySync(wish: { name: "read"; path: string }): { readonly state: string };
}

/** Whether files in a folder may be read: not everywhere in Deno, which would ask the user. */
function mayRead(folder: string): boolean {
  const { Deno } = globalThis as { Deno?: { readonly permissions: Permissions } };
  return Deno === undefined || Deno.permissions.querySync({ name: "read", path: folder }).state === "granted";
}

/**
 * Writes a file whole or not at all: a temporary file beside it, synced, renamed over it. Deno counts a rename as reading;
 * where its folder may be written but not read, the file is written in place once the temporary one is whole.
 *
 * @throws DataError, with what was there before unchanged
 */
export async function saveFile(path: string, content: Uint8Array | string): Promise<void> {
  const { files, folder } = fileSystem(path);
  const temporary = temporaryName(path);
  try {
    await writeSynced(files, temporary, content);
    if (mayRead(folder)) {
      await files.rename(temporary, path);
      await syncFolder(files, folder);
    } else {
      await writeSynced(files, path, content);
      await files.unlink(temporary);
    }
  } catch (cause) {
    await files.unlink(temporary).catch(() => undefined);
    throw failed(path, cause);
  }
}

async function writeSynced(files: FileSystem, path: string, content: Uint8Array | string): Promise<void> {
  const handle = await files.open(path, "w");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The rename itself must reach the disk too; systems that cannot sync a folder do without. */
async function syncFolder(files: FileSystem, folder: string): Promise<void> {
  const handle = await files.open(folder, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch {
    // Windows and some file systems refuse; the file itself is synced.
  } finally {
    await handle.close();
  }
}
