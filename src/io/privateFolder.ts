import { DataError } from "../core/errors.ts";
import { HEADER, type Head, headerOf, isWhole, readHeader } from "./frame.ts";
import type { Kept, Place } from "./kept.ts";

/** A handle that writes at once, in workers only; some of its calls were promises in older browsers. */
interface SyncHandle {
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void | Promise<void>;
  flush(): void | Promise<void>;
  close(): void | Promise<void>;
}

interface Stream {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

interface FileEntry {
  getFile(): Promise<Blob>;
  createWritable?(): Promise<Stream>;
  createSyncAccessHandle?(): Promise<SyncHandle>;
}

/** A folder of the origin private file system, as far as it is used here. */
export interface Folder {
  getDirectoryHandle(name: string, options: { create: boolean }): Promise<Folder>;
  getFileHandle(name: string, options?: { create: boolean }): Promise<FileEntry>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

const SLOTS = [".0", ".1"] as const;
/** Tries at a file that a writer who has just ended still holds, and the milliseconds between them. */
const TRIES = 100;
const PAUSE = 50;

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await blob.arrayBuffer());
const headOf = async (blob: Blob): Promise<Head | undefined> => readHeader(await bytesOf(blob.slice(0, HEADER)));

/** The content after a header; undefined unless it is whole. */
async function contentOf(blob: Blob, head: Head | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (head === undefined || blob.size < HEADER + head.length) return undefined;
  const bytes = await bytesOf(blob.slice(HEADER, HEADER + head.length));
  return isWhole(head, bytes) ? bytes : undefined;
}

const isNamed = (cause: unknown, name: string): boolean => (cause as { name?: unknown }).name === name;

/** Whatever the name, a name of a file: no slash, and neither `.` nor `..`. */
const fileName = (name: string): string => `${encodeURIComponent(name.toWellFormed())}.kept`;

/** What this browser's files can do here: older ones of Safari write by sync handles alone, and those in workers only. */
function ability(): Place["writes"] {
  const { FileSystemFileHandle: Handle } = globalThis as { FileSystemFileHandle?: { prototype: object } };
  if (Handle === undefined) return undefined;
  if ("createWritable" in Handle.prototype) return "file";
  return "createSyncAccessHandle" in Handle.prototype ? "slot" : undefined;
}

/**
 * The origin private file system. A file is written to a side and takes its place when it is closed; where only handles that
 * write in place are to be had, two slots are written in turn, each with its sequence and checksum, so that one is always whole.
 */
export class PrivateFolder implements Place {
  readonly #folder: Folder;
  readonly writes: Place["writes"];

  /** @param writes how its files are written */
  constructor(folder: Folder, writes: Place["writes"] = ability()) {
    this.#folder = folder;
    this.writes = writes;
  }

  async copies(name: string): Promise<Kept[]> {
    const file = fileName(name);
    const found = [this.#file(name, file), ...SLOTS.map((suffix) => this.#slot(file + suffix))];
    return (await Promise.all(found)).filter((kept) => kept !== undefined);
  }

  /** Removes what writers that ended in the midst have left: Chromium's swap files. Nobody may be writing the name. */
  async sweep(name: string): Promise<void> {
    const file = fileName(name);
    for await (const found of this.#folder.keys())
      if (found.startsWith(file) && /^(\.\d+)?\.crswap$/.test(found.slice(file.length)))
        await this.#remove(found).catch(() => undefined); // for tidiness alone
  }

  async #open(file: string): Promise<Blob | undefined> {
    try {
      return await (await this.#folder.getFileHandle(file)).getFile();
    } catch (cause) {
      if (isNamed(cause, "NotFoundError")) return undefined;
      throw cause;
    }
  }

  #remove(file: string): Promise<void> {
    return this.#folder.removeEntry(file).catch((cause: unknown) => {
      if (!isNamed(cause, "NotFoundError")) throw cause;
    });
  }

  /** A file that is replaced when closed is empty before its first close, and whole ever after. */
  async #file(name: string, file: string): Promise<Kept | undefined> {
    const blob = await this.#open(file);
    if (blob === undefined || blob.size === 0) return undefined;
    const head = await headOf(blob);
    return {
      kind: "file",
      sequence: head?.sequence ?? Number.POSITIVE_INFINITY, // damaged: nothing older is shown in its stead
      bytes: async () => {
        const bytes = await contentOf(blob, head);
        if (bytes) return bytes;
        throw new DataError(`cannot read ${name}: its file in the browser is damaged; remove it and start anew`);
      },
      remove: () => this.#remove(file),
    };
  }

  async #slot(file: string): Promise<Kept | undefined> {
    const blob = await this.#open(file);
    if (blob === undefined) return undefined;
    const head = await headOf(blob);
    const bytes = await contentOf(blob, head);
    return {
      kind: "slot",
      sequence: (bytes && head?.sequence) ?? 0,
      bytes: async () => bytes ?? new Uint8Array(),
      remove: () => this.#remove(file),
    };
  }

  async write(name: string, sequence: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const file = fileName(name);
    const header = headerOf(sequence, bytes);
    if (this.writes === "file") return this.#replace(file, header, bytes);
    const [first, second] = await Promise.all(SLOTS.map(async (suffix) => (await this.#slot(file + suffix))?.sequence));
    return this.#overwrite(file + SLOTS[(first ?? 0) <= (second ?? 0) ? 0 : 1], header, bytes);
  }

  async #replace(file: string, header: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const entry = await this.#folder.getFileHandle(file, { create: true });
    const stream = await whenFree(() => entry.createWritable?.());
    try {
      await stream.write(header);
      await stream.write(bytes);
      await stream.close();
    } catch (cause) {
      await stream.abort().catch(() => undefined);
      throw cause;
    }
  }

  /** The header goes first and comes last: what lies between is never taken for whole. */
  async #overwrite(file: string, header: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const entry = await this.#folder.getFileHandle(file, { create: true });
    const handle = await whenFree(() => entry.createSyncAccessHandle?.());
    try {
      await handle.truncate(0);
      await handle.flush();
      writeAll(handle, bytes, HEADER);
      await handle.flush();
      writeAll(handle, header, 0);
      await handle.flush();
    } finally {
      await handle.close();
    }
  }
}

function writeAll(handle: SyncHandle, bytes: Uint8Array<ArrayBuffer>, at: number): void {
  const written = handle.write(bytes, { at });
  if (written !== bytes.length)
    throw new DOMException(`${written} of ${bytes.length} bytes written`, "QuotaExceededError");
}

/** Opens a file, and waits where another writer still holds it. */
async function whenFree<T>(open: () => Promise<T> | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      const opened = await open();
      if (opened !== undefined) return opened;
      throw new DataError("this browser's private files cannot be written here");
    } catch (cause) {
      if (!isNamed(cause, "NoModificationAllowedError") || tries === TRIES) throw cause;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
