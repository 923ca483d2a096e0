/** Reads a stream of bytes in pieces of any wished length. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #taken = 0;

  /** @throws TypeError if the stream is being read already */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Bytes read so far. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Fills `target` from its start.
   *
   * @returns how many bytes came; fewer than it holds where the stream ends
   * @throws TypeError for chunks that are no bytes; whatever the stream fails with
   */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.#chunk.length === 0 && !(await this.#next())) break;
      const part = this.#chunk.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    this.#taken += filled;
    return filled;
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    if (!(value instanceof Uint8Array))
      throw new TypeError(`parseStream: expected a stream of Uint8Arrays, got a chunk of type ${typeof value}`);
    this.#chunk = value;
    return true;
  }

  /** Lets go of the stream once it has been read to its end. */
  release(): void {
    this.#reader.releaseLock();
  }

  /** Tells the source that no more is wanted. */
  async cancel(reason: unknown): Promise<void> {
    // A stream that has failed fails here again; what it failed with is thrown already.
    await this.#reader.cancel(reason).catch(() => undefined);
  }
}
