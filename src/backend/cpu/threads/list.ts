import type { Kernel } from "../../../core/kernel.ts";
import { Divisions, type Way } from "./divisions.ts";
import { CAPACITY, COMMANDS, WRITE } from "./layout.ts";
import { type SharedBlock, wholeOf } from "./shares.ts";

/** Room that is kept free in each part, for a command that comes whole or not at all. */
const RESERVE = 6144;
/** Host bytes that travel inside a list; more are written when the threads stand still. */
export const MAX_WRITE_BYTES = 16384;

/** Numbers, in room that is used again. */
class Words {
  readonly #room: number[] = [];
  length = 0;

  push(word: number): void {
    this.#room[this.length++] = word;
  }

  /** Writes them from `at` on; returns where they end. */
  copyTo(lists: Float64Array, at: number): number {
    for (let i = 0; i < this.length; i++) lists[at + i] = this.#room[i] as number;
    return at + this.length;
  }
}

/** A list of commands for every lane, as it is written into shared memory. */
export class CommandList {
  readonly #lanes: number;
  readonly #numberOf: (name: string) => number;
  #way: Way;
  /** By phase and lane: commands. */
  readonly #words: Words[][] = [];
  #phases = 0;
  #length = 0;
  #commands = 0;
  /** Whether there is work for more than one thread. */
  isDivided = false;
  /** The list's blocks, by address, in the order of their first use. */
  readonly #numbers = new Map<number, number>();
  /** By a block's number: what was used of it first, its address. */
  readonly #bases: number[] = [];
  readonly #places: number[] = [];

  /** @param numberOf the number of a function of the kernels */
  constructor(lanes: number, numberOf: (name: string) => number, way: Way) {
    this.#lanes = lanes;
    this.#numberOf = numberOf;
    this.#way = way;
  }

  /** Takes it into use again, empty. */
  begin(way: Way): void {
    this.#way = way;
    for (let phase = 0; phase < this.#phases; phase++) for (const words of this.#words[phase] ?? []) words.length = 0;
    this.#phases = 0;
    this.#length = 0;
    this.#commands = 0;
    this.isDivided = false;
    this.#numbers.clear();
  }

  get isEmpty(): boolean {
    return this.#phases === 0;
  }

  get phases(): number {
    return this.#phases;
  }

  get isFull(): boolean {
    return this.#commands === COMMANDS || this.#length > this.#lanes * (CAPACITY - RESERVE);
  }

  /** Writes it from `at` on, its first phase of that number. */
  copyTo(lists: Float64Array, at: number, first: number): void {
    lists[at] = first;
    lists[at + 1] = this.#phases;
    let end = at + 2 + COMMANDS;
    for (let phase = 0; phase < this.#phases; phase++) {
      let table = end;
      lists[at + 2 + phase] = table;
      end += this.#lanes + 1;
      for (const words of this.#words[phase] ?? []) {
        lists[table++] = end;
        end = words.copyTo(lists, end);
      }
      lists[table] = end;
    }
  }

  /** Adds a command. */
  add(kernel: Kernel, blocks: readonly SharedBlock[], params: readonly number[]): void {
    this.#places.length = 0;
    for (const block of blocks) this.#place(block, 0, block.bytes);
    this.#commands++;
    const division = this.#way.go(kernel, this.#places, params);
    if (division.parts.length > 1) this.isDivided = true;
    for (let lane = 0; lane < division.parts.length; lane++) {
      const part = division.parts[lane];
      if (part === undefined) continue;
      const own = division.paramsOf(part, params);
      const count = blocks.length + own.length + (kernel.workspace ? 1 : 0);
      const words = this.#wordsOf(division.phase, lane, 3 + count);
      words.push(this.#numberOf(part.name));
      words.push(kernel.workspace ? blocks.length : -1);
      words.push(count);
      for (let b = 0; b < blocks.length; b++) words.push((blocks[b]?.address ?? 0) + (part.shifts[b] ?? 0));
      if (kernel.workspace) words.push(0); // whoever runs it puts its own there
      for (let i = 0; i < own.length; i++) words.push(own[i] as number);
    }
  }

  /** Adds host bytes, for lane 0 to store. */
  write(block: SharedBlock, offset: number, bytes: Uint8Array): void {
    this.#places.length = 0;
    this.#place(block, offset, bytes.length);
    this.#commands++;
    const { phase } = this.#way.go(undefined, this.#places, []);
    const stored = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(stored.buffer).set(bytes);
    const words = this.#wordsOf(phase, 0, 5 + stored.length);
    for (const word of [WRITE, -1, 2 + stored.length, block.address + offset, bytes.length, ...stored])
      words.push(word);
  }

  /** Adds where so many bytes of a block lie. */
  #place(block: SharedBlock, offset: number, bytes: number): void {
    const whole = wholeOf(block);
    let number = this.#numbers.get(whole);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(whole, number);
      this.#bases[number] = block.address;
    }
    this.#places.push(number, block.address + offset - (this.#bases[number] as number), bytes);
  }

  /** Where a lane's commands of a phase go, of which so many more numbers come. */
  #wordsOf(phase: number, lane: number, count: number): Words {
    for (; this.#phases <= phase; this.#phases++)
      this.#words[this.#phases] ??= Array.from({ length: this.#lanes }, () => new Words());
    this.#length += count;
    return this.#words[phase]?.[lane] as Words;
  }
}

/** Lists to be filled, whose room is used again, and what is known of how commands are divided. */
export class Lists {
  readonly #divisions: Divisions;
  readonly #spare: CommandList[] = [];
  readonly #make: () => CommandList;

  /** @param numberOf the number of a function of the kernels */
  constructor(threads: number, numberOf: (name: string) => number) {
    this.#divisions = new Divisions(threads);
    this.#make = () => new CommandList(threads, numberOf, this.#divisions.begin());
  }

  /** An empty one. */
  take(): CommandList {
    const list = this.#spare.pop();
    list?.begin(this.#divisions.begin());
    return list ?? this.#make();
  }

  /** Takes back one that was copied. */
  giveBack(list: CommandList): void {
    this.#spare.push(list);
  }
}
