import { DataError } from "../core/errors.ts";
import { codeOf, type FileHandle, type FileSystem, fileError, fileSystem, isGranted } from "./fileSystem.ts";
import { done, sweep, temporaryName } from "./temporary.ts";

/**
 * Makes the folder of `path` and tries to write beside it, so that a run fails before it starts rather than after it ends.
 *
 * @throws DataError
 */
export async function checkWritable(path: string): Promise<void> {
  const { files } = fileSystem(path);
  const probe = temporaryName(path);
  try {
    const handle = await openNew(files, probe, path);
    await handle.close();
    await files.unlink(probe);
  } catch (cause) {
    throw fileError("write", path, cause);
  } finally {
    done(probe);
  }
}

/**
 * Writes a file whole or not at all: a temporary file beside it, synced, renamed over it; a symbolic link is replaced, not
 * followed. Missing folders are made, and temporary files of writers that have died are removed. Once it resolves the file
 * outlives a loss of power. Deno counts a rename as reading; where its folder may be written but not read, the file is written in
 * place once the temporary one is whole.
 *
 * @param content must not change meanwhile
 * @throws DataError, with what was there before unchanged (but for a disk that fails after the rename: then it is the new one,
 * whole)
 */
export async function saveFile(path: string, content: Uint8Array | string): Promise<void> {
  const { files, folder } = fileSystem(path);
  const mayRead = isGranted({ name: "read", path: folder });
  try {
    if (!mayRead) return await writeInPlace(files, path, content);
    await sweep(files, folder, path);
    await refuseSpecial(files, path);
    // Another machine may have taken the temporary file for one left behind: then once more.
    if (!(await replace(files, path, content))) await replace(files, path, content, true);
    await syncFolder(files, folder);
  } catch (cause) {
    throw cause instanceof DataError ? cause : fileError("write", path, cause);
  }
}

/** Only a file is replaced: a rename by root would turn even `/dev/null` into one. */
async function refuseSpecial(files: FileSystem, path: string): Promise<void> {
  const facts = await files.stat(path).catch(() => undefined); // not there, or what comes next says why
  if (facts?.isFile() === false)
    throw new DataError(`cannot write ${path}: what has this name is no regular file; choose another one`);
}

/** Writes a temporary file and renames it over `path`; false where it was gone by then, which throws the `last` time. */
async function replace(files: FileSystem, path: string, content: Uint8Array | string, last = false): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeSynced(await openNew(files, temporary, path), content);
    return await files.rename(temporary, path).then(
      () => true,
      (cause: unknown) => {
        if (last || codeOf(cause) !== "ENOENT") throw cause;
        return false;
      },
    );
  } catch (cause) {
    await files.unlink(temporary).catch(() => undefined);
    throw cause;
  } finally {
    done(temporary);
  }
}

async function writeInPlace(files: FileSystem, path: string, content: Uint8Array | string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeSynced(await openNew(files, temporary, path), content);
    await writeSynced(await files.open(path, "w"), content);
  } finally {
    await files.unlink(temporary).catch(() => undefined);
    done(temporary);
  }
}

/** Opens a file that must not be there yet. Its folder is made only where it is missing: Deno asks for the right to read all above. */
async function openNew(files: FileSystem, temporary: string, path: string): Promise<FileHandle> {
  try {
    return await files.open(temporary, "wx");
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause;
    await makeFolder(files, path);
    return files.open(temporary, "wx");
  }
}

/** Makes the missing folders; their names must reach the disk too. */
async function makeFolder(files: FileSystem, path: string): Promise<void> {
  const { paths, folder } = fileSystem(path);
  const first = await files.mkdir(folder, { recursive: true });
  const top = first === undefined ? paths.resolve(folder) : paths.resolve(first);
  for (let made = paths.resolve(folder); made.length >= top.length; made = paths.dirname(made)) {
    await syncFolder(files, paths.dirname(made));
    if (made === paths.dirname(made)) break;
  }
}

async function writeSynced(handle: FileHandle, content: Uint8Array | string): Promise<void> {
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A rename must reach the disk too. Windows and some file systems cannot sync a folder and do without; only a disk that
 * fails is told of.
 */
export async function syncFolder(files: FileSystem, folder: string): Promise<void> {
  const handle = await files.open(folder, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (cause) {
    if (["EIO", "ENOSPC", "EDQUOT"].includes(codeOf(cause))) throw cause;
  } finally {
    await handle.close();
  }
}
