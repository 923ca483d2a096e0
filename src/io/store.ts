import { saveFile } from "./save.ts";

/** Where bytes are kept under a name: replaced as a whole, or not at all. */
export interface ByteStore {
  /** The bytes of the last write that was acknowledged, or of a later one; undefined where there are none. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces what is there; once it resolves the bytes are safe. They must not change meanwhile. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes what is there, if there is anything. */
  remove(): Promise<void>;
}

interface Files {
  readFile(path: string): Promise<Uint8Array>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}

/** The store of a name: a file's path. */
export function openStore(name: string): ByteStore {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const files = process?.getBuiltinModule?.("node:fs/promises") as Files;
  return {
    read: () =>
      files.readFile(name).then(
        (bytes) => Uint8Array.from(bytes),
        (error: { code?: string }) => {
          if (error.code === "ENOENT") return undefined;
          throw error;
        },
      ),
    write: (bytes) => saveFile(name, bytes),
    remove: () => files.rm(name, { force: true }),
  };
}
