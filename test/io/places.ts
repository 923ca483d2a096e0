import { builtin, type FileSystem } from "../../src/io/fileSystem.ts";

interface Writable {
  readonly prototype: { write: (bytes: Uint8Array) => Promise<void> };
}

interface Page {
  readonly FileSystemWritableFileStream?: Writable;
  readonly navigator?: { readonly storage?: object };
  readonly process?: { getBuiltinModule: (name: string) => unknown };
}

const { FileSystemWritableFileStream: Stream, navigator, process } = globalThis as Page;

/** Runs `work` where nothing more can be kept: a full disk, or a page that has used up its room. */
export async function fullPlace<T>(work: () => Promise<T>): Promise<T> {
  const files = builtin<FileSystem>("node:fs/promises");
  return files ? withFullDisk(files, work) : withFullPage(work);
}

async function withFullDisk<T>(files: FileSystem, work: () => Promise<T>): Promise<T> {
  if (process === undefined) throw new TypeError("no process");
  const { getBuiltinModule } = process;
  const writeFile = () => Promise.reject(Object.assign(new TypeError("ENOSPC: no space left"), { code: "ENOSPC" }));
  const open: FileSystem["open"] = async (path, flags) => {
    const handle = await files.open(path, flags);
    return { writeFile, sync: () => handle.sync(), close: () => handle.close() };
  };
  process.getBuiltinModule = (name) =>
    name === "node:fs/promises" ? { ...files, open } : getBuiltinModule.call(process, name);
  try {
    return await work();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}

async function withFullPage<T>(work: () => Promise<T>): Promise<T> {
  if (Stream === undefined) throw new TypeError("no private files");
  const { write } = Stream.prototype;
  Stream.prototype.write = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  try {
    return await work();
  } finally {
    Stream.prototype.write = write;
  }
}

/** Runs `work` with the name of a store on another way to it: IndexedDB in a page, elsewhere another path of the same file. */
export async function otherPlace<T>(way: string, name: string, work: (name: string) => Promise<T>): Promise<T> {
  if (way === "usual") return work(name);
  if (process?.getBuiltinModule !== undefined) return work(`./${name}`);
  const refuse = () => Promise.reject(new DOMException("not for you", "SecurityError"));
  Object.defineProperty(navigator?.storage, "getDirectory", { value: refuse, configurable: true });
  try {
    return await work(name);
  } finally {
    Reflect.deleteProperty(navigator?.storage ?? {}, "getDirectory");
  }
}
