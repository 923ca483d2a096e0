import { DataError } from "../core/errors.ts";
import { Database } from "./database.ts";
import { isRefusal, type Kept, type Place, pageError } from "./kept.ts";
import { type Folder, PrivateFolder } from "./privateFolder.ts";
import type { ByteStore } from "./store.ts";

/** The folder of the origin private file system that all stores share. */
const FOLDER = "torchlet";

interface Locks {
  request<T>(name: string, options: { mode: "shared" | "exclusive" }, work: () => Promise<T>): Promise<T>;
}

interface Page {
  readonly navigator?: { readonly locks?: Locks; readonly storage?: { getDirectory?(): Promise<Folder> } };
  readonly indexedDB?: object;
}

const page = globalThis as unknown as Page;

/** The origin private file system; undefined where there is none, or none for this page. */
async function privateFolder(): Promise<PrivateFolder | undefined> {
  const { storage } = page.navigator ?? {};
  if (storage?.getDirectory === undefined) return undefined;
  try {
    const root = await storage.getDirectory();
    return new PrivateFolder(await root.getDirectoryHandle(FOLDER, { create: true }));
  } catch (cause) {
    if (isRefusal(cause)) return undefined;
    throw cause;
  }
}

/** A page's or a worker's store: private files, or IndexedDB where there are none or none that can be written here. */
export class PageStore implements ByteStore {
  readonly #name: string;

  /** @param name any text */
  constructor(name: string) {
    this.#name = name;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#guard("read", "shared", async () => {
      const newest = (await this.#look()).copies.at(-1);
      return newest === undefined || newest.sequence === 0 ? undefined : newest.bytes();
    });
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#guard("write", "exclusive", async () => {
      const { places, copies } = await this.#look();
      const place = places.find(({ writes }) => writes !== undefined);
      if (place === undefined)
        throw new DataError(
          `cannot write ${this.#name}: this browser keeps nothing for this page; allow it to store data, or leave private browsing`,
        );
      const sequences = copies.map((copy) => copy.sequence).filter(Number.isFinite);
      await place.write(this.#name, Math.max(0, ...sequences) + 1, bytes);
      // What another browser's version, or a page beside a worker, has kept elsewhere is older now, and takes room.
      for (const copy of copies) if (copy.kind !== place.writes) await copy.remove().catch(() => undefined);
    });
  }

  remove(): Promise<void> {
    return this.#guard("remove", "exclusive", async () => {
      const { copies } = await this.#look();
      for (const copy of copies) await copy.remove(); // the newest last: an older one never shows
    });
  }

  /** The places of this browser, and what they keep of the name, the newest last. */
  async #look(): Promise<{ places: Place[]; copies: Kept[] }> {
    const folder = await privateFolder();
    if (page.navigator?.locks) await folder?.sweep(this.#name); // the lock says that nobody writes
    const places: Place[] = folder === undefined ? [] : [folder];
    const copies = (await folder?.copies(this.#name)) ?? [];
    if (page.indexedDB !== undefined) {
      const database = new Database();
      try {
        copies.push(...(await database.copies(this.#name)));
        places.push(database);
      } catch (cause) {
        if (!isRefusal(cause)) throw cause;
      }
    }
    copies.sort((one, other) => one.sequence - other.sequence);
    return { places, copies };
  }

  /** One writer of a name at a time, in all tabs and workers, where the browser has locks. */
  async #guard<T>(verb: string, mode: "shared" | "exclusive", work: () => Promise<T>): Promise<T> {
    try {
      const { locks } = page.navigator ?? {};
      return await (locks ? locks.request(`torchlet store ${this.#name}`, { mode }, work) : work());
    } catch (cause) {
      throw pageError(verb, this.#name, cause);
    }
  }
}
