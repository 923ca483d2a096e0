import type { Kept, Place } from "./kept.ts";

/** Of the database, and of the table in it. */
const NAME = "torchlet";

/** What a request of IndexedDB comes to. */
const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens the database; undefined where there is none and none is to be made. */
function open(make: boolean): Promise<IDBDatabase | undefined> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    if (make) request.result.createObjectStore(NAME);
    else request.transaction?.abort();
  };
  return answer(request).catch((cause: unknown) => {
    if (!make && (cause as { name?: unknown }).name === "AbortError") return undefined;
    throw cause;
  });
}

/** Does `work` in one transaction, and resolves once the disk has it. */
async function transact<T>(
  mode: IDBTransactionMode,
  work: (table: IDBObjectStore) => Promise<T>,
): Promise<T | undefined> {
  const database = await open(mode === "readwrite");
  if (database === undefined) return undefined;
  try {
    const transaction = database.transaction(NAME, mode, { durability: "strict" });
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException("the transaction ended", "AbortError"));
    });
    const result = work(transaction.objectStore(NAME));
    result.catch(() => undefined); // what ends the transaction says more, as that the room is used up
    await ended;
    return await result;
  } finally {
    database.close();
  }
}

/**
 * IndexedDB: one transaction a write. It is made by the first write, never by a read. A name's sequence and its bytes lie under
 * keys of their own, so that the one is known without the other.
 */
export class Database implements Place {
  readonly writes = "row" as const;

  async copies(name: string): Promise<Kept[]> {
    const sequence = await transact("readonly", (table) => answer<unknown>(table.get([name, "sequence"])));
    if (typeof sequence !== "number") return [];
    return [
      {
        kind: "row",
        sequence,
        bytes: async () => {
          const bytes = await transact("readonly", (table) => answer(table.get([name, "bytes"])));
          return bytes as Uint8Array<ArrayBuffer>;
        },
        remove: async () => {
          await transact("readwrite", (table) =>
            Promise.all([answer(table.delete([name, "sequence"])), answer(table.delete([name, "bytes"]))]),
          );
        },
      },
    ];
  }

  async write(name: string, sequence: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    // Of a part of a buffer the whole buffer would be kept; and the bytes go first, since they alone can be refused at once.
    const content = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
    await transact("readwrite", (table) =>
      Promise.all([answer(table.put(content, [name, "bytes"])), answer(table.put(sequence, [name, "sequence"]))]),
    );
  }
}
