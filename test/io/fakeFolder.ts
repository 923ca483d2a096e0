import type { Folder } from "../../src/io/privateFolder.ts";

const missing = (): DOMException => new DOMException("not there", "NotFoundError");

/** A private folder in memory whose files are written in place; from the call `last` on, writes stop halfway and nothing more is done. */
export class FakeFolder implements Folder {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  calls = 0;
  readonly #last: number;

  constructor(files: Iterable<[string, Uint8Array<ArrayBuffer>]> = [], last = Number.POSITIVE_INFINITY) {
    this.files = new Map(files);
    this.#last = last;
  }

  /** Does `work`, or a half of it at the last call, and throws from then on. */
  #call(work: (share: number) => void): void {
    const left = this.#last - this.calls++;
    if (left >= 0) work(left > 0 ? 1 : 0.5);
    if (left > 0) return;
    throw new DOMException("the page is gone", "AbortError");
  }

  getDirectoryHandle(): Promise<Folder> {
    return Promise.resolve(this);
  }

  async removeEntry(name: string): Promise<void> {
    if (!this.files.delete(name)) throw missing();
  }

  async *keys(): AsyncIterable<string> {
    yield* [...this.files.keys()];
  }

  async getFileHandle(name: string, { create } = { create: false }): ReturnType<Folder["getFileHandle"]> {
    if (!this.files.has(name) && !create) throw missing();
    const bytes = (): Uint8Array<ArrayBuffer> => this.files.get(name) ?? new Uint8Array();
    if (!this.files.has(name)) this.#call(() => this.files.set(name, bytes()));
    const write = (given: Uint8Array<ArrayBuffer>, { at }: { at: number }): number => {
      this.#call((share) => {
        const part = given.subarray(0, given.length * share);
        const grown = new Uint8Array(Math.max(bytes().length, at + part.length));
        grown.set(bytes());
        grown.set(part, at);
        this.files.set(name, grown);
      });
      return given.length;
    };
    const truncate = (size: number) =>
      this.#call((share) => void (share === 1 && this.files.set(name, bytes().slice(0, size))));
    const flush = () => this.#call(() => undefined);
    return {
      getFile: async () => new Blob([bytes()]),
      createSyncAccessHandle: async () => ({ write, truncate, flush, close: () => undefined }),
    };
  }
}
