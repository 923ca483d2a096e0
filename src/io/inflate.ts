import { FormatError } from "../core/errors.ts";
import { type HuffmanTable, huffmanTable } from "./huffman.ts";

// RFC 1951, section 3.2.5: lengths from symbol 257 on, and distances, each a base and extra bits.
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]; // biome-ignore format: one table
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = Uint16Array.from({ length: 30 }, (_, s) =>
  s < 4 ? s + 1 : ((2 + (s & 1)) << ((s >> 1) - 1)) + 1,
);
const DISTANCE_BITS = Uint8Array.from({ length: 30 }, (_, s) => (s < 4 ? 0 : (s >> 1) - 1));
// Section 3.2.7: the order in which the lengths of the code length code come.
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const END_OF_BLOCK = 256;
const MAX_LITERALS = 286;
const MAX_DISTANCES = 30;

/** The fixed code of section 3.2.6, with the symbols that it defines but that must not occur. */
function fixedTables(): [literals: HuffmanTable | undefined, distances: HuffmanTable | undefined] {
  const lengths = Uint8Array.from({ length: 288 }, (_, s) => (s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8));
  return [huffmanTable(lengths, false), huffmanTable(new Uint8Array(32).fill(5), false)];
}

/**
 * Reads a DEFLATE stream (RFC 1951) from `bytes[start, end)` block by block. The platform's DecompressionStream is not
 * used because runtimes disagree: Node accepts anything after the end of the data, Deno accepts data without an end.
 */
export class Inflater {
  /** The output; the first `length` bytes of it are written. */
  readonly data: Uint8Array<ArrayBuffer>;
  #length = 0;
  #done = false;
  #full = false;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #partial: boolean;
  #at: number;
  // Up to 31 bits that were read ahead, the next one lowest.
  #hold = 0;
  #held = 0;

  /**
   * @param size the most bytes that the output may have
   * @param partial what a stream with more meets: true stops there, false refuses it
   */
  constructor(bytes: Uint8Array, start: number, end: number, size: number, partial = false) {
    this.#partial = partial;
    this.#bytes = bytes;
    this.#start = start;
    this.#at = start;
    this.#end = end;
    this.data = new Uint8Array(size);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** True once the last block is read, or the output is full and `partial`. */
  get done(): boolean {
    return this.#done || this.#full;
  }

  /** The byte after the last one that was needed. */
  get end(): number {
    return this.#at - (this.#held >> 3);
  }

  /**
   * Reads one block.
   *
   * @throws FormatError InvalidGzip if the stream breaks RFC 1951, ends too early or holds more than the output may have
   */
  block(): void {
    this.#done = this.#bits(1) === 1;
    const type = this.#bits(2);
    if (type === 3) this.#fail("a block of unknown type");
    if (type === 0) this.#stored();
    else {
      const [literals, distances] = type === 1 ? fixedTables() : this.#dynamicTables();
      if (literals === undefined || distances === undefined) this.#fail("code lengths that make no prefix code");
      this.#compressed(literals, distances);
    }
  }

  #fail(what: string): never {
    const sentence = `gunzip: the compressed data that starts at byte ${this.#start} holds ${what}; the file is corrupt`;
    throw new FormatError("InvalidGzip", this.#start, sentence);
  }

  /** Reads ahead until at least 24 bits are held or the input ends. */
  #refill(): void {
    while (this.#held < 24 && this.#at < this.#end) {
      this.#hold |= this.#bytes[this.#at++]! << this.#held;
      this.#held += 8;
    }
  }

  #drop(bits: number): void {
    if (bits > this.#held) this.#fail("no end");
    this.#hold >>>= bits;
    this.#held -= bits;
  }

  #bits(count: number): number {
    this.#refill();
    const value = this.#hold & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  #symbol({ entries, bits }: HuffmanTable): number {
    this.#refill();
    const entry = entries[this.#hold & ((1 << bits) - 1)]!;
    if (entry === 0) this.#fail("a code that stands for nothing");
    this.#drop(entry & 15);
    return entry >> 4;
  }

  /** How many of `bytes` more fit into the output; fewer than all only with `partial`. */
  #take(bytes: number): number {
    const room = this.data.length - this.#length;
    if (bytes <= room) return bytes;
    if (!this.#partial)
      this.#fail(`more than the ${this.data.length} bytes that its last four bytes tell, or something after its end`);
    this.#full = true;
    return room;
  }

  #stored(): void {
    this.#drop(this.#held & 7);
    const length = this.#bits(16);
    if (this.#bits(16) !== (length ^ 0xffff)) this.#fail("a stored block of two different lengths");
    const from = this.end;
    if (from + length > this.#end) this.#fail("no end");
    const taken = this.#take(length);
    this.data.set(this.#bytes.subarray(from, from + taken), this.#length);
    this.#length += taken;
    this.#at = from + length;
    this.#hold = 0;
    this.#held = 0;
  }

  #dynamicTables(): [literals: HuffmanTable | undefined, distances: HuffmanTable | undefined] {
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    if (literals > MAX_LITERALS || distances > MAX_DISTANCES) this.#fail("too many codes");
    const codeLengths = new Uint8Array(LENGTH_ORDER.length);
    const count = this.#bits(4) + 4;
    for (const symbol of LENGTH_ORDER.slice(0, count)) codeLengths[symbol] = this.#bits(3);
    const table = huffmanTable(codeLengths, false);
    if (table === undefined) this.#fail("code lengths that make no prefix code");
    const lengths = this.#codeLengths(table, literals + distances);
    return [huffmanTable(lengths.subarray(0, literals), true), huffmanTable(lengths.subarray(literals), true)];
  }

  /** Section 3.2.7: `n` code lengths, where 16 repeats the one before, 17 and 18 stand for runs of zero. */
  #codeLengths(table: HuffmanTable, n: number): Uint8Array {
    const lengths = new Uint8Array(n);
    let i = 0;
    while (i < n) {
      const symbol = this.#symbol(table);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) this.#fail("a repeat of nothing");
      const value = symbol === 16 ? lengths[i - 1]! : 0;
      const run = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7);
      if (i + run > n) this.#fail("too many code lengths");
      lengths.fill(value, i, i + run);
      i += run;
    }
    return lengths;
  }

  #compressed(literals: HuffmanTable, distances: HuffmanTable): void {
    while (!this.#full) {
      const symbol = this.#literals(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) this.#take(1);
      else this.#match(symbol - 257, distances);
    }
  }

  /** Writes literals as long as there is room and returns the first symbol that is none, or found no room. */
  #literals({ entries, bits }: HuffmanTable): number {
    const bytes = this.#bytes;
    const data = this.data;
    const mask = (1 << bits) - 1;
    let at = this.#at;
    let hold = this.#hold;
    let held = this.#held;
    let length = this.#length;
    let symbol = 0;
    // Locals, because this loop reads most of the symbols.
    for (;;) {
      while (held < 24 && at < this.#end) {
        hold |= bytes[at++]! << held;
        held += 8;
      }
      const entry = entries[hold & mask]!;
      held -= entry & 15;
      if (entry === 0 || held < 0) this.#fail(entry === 0 ? "a code that stands for nothing" : "no end");
      hold >>>= entry & 15;
      symbol = entry >> 4;
      if (symbol >= END_OF_BLOCK || length === data.length) break;
      data[length++] = symbol;
    }
    this.#at = at;
    this.#hold = hold;
    this.#held = held;
    this.#length = length;
    return symbol;
  }

  /** Reads the rest of a match and writes again what stands that far back; the stretch may run into itself. */
  #match(symbol: number, distances: HuffmanTable): void {
    const base = LENGTH_BASE[symbol] ?? this.#fail("a length that stands for nothing");
    const length = base + this.#bits(LENGTH_BITS[symbol]!);
    const far = this.#symbol(distances);
    if (far >= MAX_DISTANCES) this.#fail("a distance that stands for nothing");
    const distance = DISTANCE_BASE[far]! + this.#bits(DISTANCE_BITS[far]!);
    if (distance > this.#length) this.#fail("a distance to before its start");
    const data = this.data;
    let to = this.#length;
    const stop = to + this.#take(length);
    if (distance === 1) data.fill(data[to - 1]!, to, stop);
    else for (let from = to - distance; to < stop; ) data[to++] = data[from++]!;
    this.#length = stop;
  }
}
