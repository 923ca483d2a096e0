import { DataError } from "../core/errors.ts";
import { codeOf, fileError, fileSystem, isGranted } from "./fileSystem.ts";
import { saveFile, syncFolder } from "./save.ts";
import type { ByteStore } from "./store.ts";
import { sweep } from "./temporary.ts";

/** A file of Node's, Deno's or Bun's as a store. */
export class FileStore implements ByteStore {
  readonly #path: string;

  /** @param path of the file; missing folders are made by the first write */
  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { files, folder } = fileSystem(this.#path);
    await sweep(files, folder, this.#path);
    try {
      const bytes = await files.readFile(this.#path);
      // Node's own class of bytes, and perhaps a part of what others use, stays inside.
      const isAlone = bytes.byteLength === bytes.buffer.byteLength;
      return isAlone ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      throw fileError("read", this.#path, cause);
    }
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { folder } = fileSystem(this.#path);
    if (!isGranted({ name: "read", path: folder }))
      throw new DataError(
        `cannot write ${this.#path}: Deno must be let read its folder too; add --allow-read=${folder}`,
      );
    await saveFile(this.#path, bytes);
  }

  async remove(): Promise<void> {
    const { files, folder } = fileSystem(this.#path);
    try {
      await files.unlink(this.#path);
      await syncFolder(files, folder);
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw fileError("remove", this.#path, cause);
    }
  }
}
