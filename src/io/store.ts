import { FileStore } from "./fileStore.ts";
import { builtin } from "./fileSystem.ts";
import { PageStore } from "./pageStore.ts";

/**
 * Where bytes are kept under a name: replaced as a whole, or not at all. Calls of one store take effect in their order.
 *
 * Each method throws a DataError where the place refuses (a full disk, no right to write), with what was there before unchanged.
 */
export interface ByteStore {
  /** The bytes of the last write that was acknowledged, or of a later one; undefined where there are none. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces what is there; once it resolves the bytes are safe. They must not change meanwhile. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes what is there, if there is anything. */
  remove(): Promise<void>;
}

/**
 * The store of a name: a file's path in Node, Deno and Bun; in pages and workers any text, a file of the origin private file
 * system, or IndexedDB where there is none or it refuses (private mode). The tabs and workers of an origin share it.
 *
 * @throws TypeError for an empty name
 */
export function openStore(name: string): ByteStore {
  if (typeof name !== "string" || name === "")
    throw new TypeError(`openStore: expected a name of one letter or more, got ${JSON.stringify(name)}`);
  return inOrder(builtin("node:fs/promises") === undefined ? new PageStore(name) : new FileStore(name));
}

/** A store whose calls wait for the ones before. */
function inOrder(store: ByteStore): ByteStore {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    read: () => inTurn(() => store.read()),
    write: (bytes) => inTurn(() => store.write(bytes)),
    remove: () => inTurn(() => store.remove()),
  };
}
