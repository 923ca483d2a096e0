import type { Kernel } from "../../../core/kernel.ts";
import type { Slice } from "../../../core/split.ts";
import { Order } from "./order.ts";
import { type Range, type Share, type SharedBlock, sharesOf } from "./shares.ts";

/** Bytes from one block to the next one in the space where commands are divided: more than a memory can have. */
const SPAN = 2 ** 33;
/** Divisions that are kept; beyond them all are forgotten, and found again. */
const MOST = 4096;

/**
 * Where the buffers of a command lie, three numbers each: which of the list's blocks by first use, how far behind what was used of
 * it first, and bytes. Buffers overlap in one list as they do in another of the same places.
 */
export type Places = readonly number[];

/** One lane's part of a command. */
export interface Part {
  /** The function that computes it. */
  readonly name: string;
  /** How far into each buffer it begins, in bytes. */
  readonly shifts: readonly number[];
  /** The pieces it has, unless it has all. */
  readonly pieces: Share["pieces"];
  readonly params: readonly number[];
}

/**
 * How a command is divided, and its phase: all of it follows from the commands before it in the list, where its buffers lie among
 * theirs, and its sizes. Steps of training are alike, so what was found for one serves the next.
 */
export class Division {
  /** By lane. */
  readonly parts: readonly (Part | undefined)[];
  /** What commands have come after it. */
  readonly next: Division[] = [];
  readonly #kernel: Kernel | undefined;
  readonly #places: Places;
  readonly #params: readonly number[];
  readonly #shares: readonly (Share | undefined)[];
  readonly phase: number;

  /** @param kernel undefined where host bytes are written */
  constructor(kernel: Kernel | undefined, places: Places, params: readonly number[], lanes: number, order: Order) {
    this.#kernel = kernel;
    this.#places = places;
    this.#params = params;
    const blocks = blocksAt(places);
    this.#shares = kernel ? sharesOf(kernel, blocks, params, lanes, order.edgesOf) : [hostWrite(blocks)];
    this.phase = order.phaseOf(this.#shares);
    this.parts = this.#shares.map((share) => share && partOf(share, blocks));
    this.noteIn(order);
  }

  noteIn(order: Order): void {
    order.note(this.#shares, this.phase);
  }

  /** True where it is that of another command too, which comes in the same place. */
  serves(kernel: Kernel | undefined, places: Places, params: readonly number[]): boolean {
    return kernel === this.#kernel && isSame(places, this.#places) && this.#isOfSize(params);
  }

  /** What changes from step to step, as seeds and rates, changes no sizes. */
  #isOfSize(params: readonly number[]): boolean {
    const split = this.#kernel?.split;
    if (split === undefined || isSame(params, this.#params)) return true;
    if (split.pieces(params) !== split.pieces(this.#params)) return false;
    const [slices, known] = [split.slices(params), split.slices(this.#params)];
    return slices.every((slice, b) => stepOf(slice) === stepOf(known[b]) && typeof slice === typeof known[b]);
  }

  /** The parameters of a part, for a command that it serves. */
  paramsOf({ pieces, params: known }: Part, params: readonly number[]): readonly number[] {
    if (pieces === undefined || this.#kernel?.split === undefined) return params;
    return isSame(params, this.#params) ? known : this.#kernel.split.params(params, pieces.first, pieces.count);
  }
}

const stepOf = (slice: Slice | undefined): number | undefined => (typeof slice === "object" ? slice.step : slice);

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function blocksAt(places: Places): SharedBlock[] {
  return Array.from({ length: places.length / 3 }, (_, b) => {
    const [block, offset, bytes] = places.slice(3 * b, 3 * b + 3) as [number, number, number];
    return { address: block * SPAN + offset, bytes, whole: block * SPAN };
  });
}

function hostWrite([block]: readonly SharedBlock[]): Share {
  const { address, bytes, whole } = block as SharedBlock;
  const range: Range = { block: whole as number, start: address, end: address + bytes };
  return { name: "write", addresses: [address], params: [], pieces: undefined, reads: [], writes: [range] };
}

function partOf({ name, addresses, pieces, params }: Share, blocks: readonly SharedBlock[]): Part {
  return { name, pieces, params, shifts: addresses.map((address, b) => address - (blocks[b]?.address ?? 0)) };
}

/** The divisions of all lists so far, by what came before: a tree, each list a way down from its root. */
export class Divisions {
  readonly #lanes: number;
  #first: Division[] = [];
  #count = 0;

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  /** A new list's way, at the root. */
  begin(): Way {
    if (this.#count > MOST) [this.#first, this.#count] = [[], 0];
    return new Way(this.#first, this.#lanes, () => this.#count++);
  }
}

/** Where a list has come to among the divisions. */
export class Way {
  readonly #path: Division[] = [];
  readonly #lanes: number;
  readonly #grow: () => void;
  #next: Division[];
  /** Made when a command comes that has not come here before. */
  #order: Order | undefined;

  constructor(first: Division[], lanes: number, grow: () => void) {
    this.#next = first;
    this.#lanes = lanes;
    this.#grow = grow;
  }

  /** The division of the next command. @param places may be used again by the caller */
  go(kernel: Kernel | undefined, places: Places, params: readonly number[]): Division {
    const division = this.#known(kernel, places, params) ?? this.#divide(kernel, places, params);
    this.#path.push(division);
    this.#next = division.next;
    return division;
  }

  #known(kernel: Kernel | undefined, places: Places, params: readonly number[]): Division | undefined {
    for (const division of this.#next) if (division.serves(kernel, places, params)) return division;
    return undefined;
  }

  #divide(kernel: Kernel | undefined, places: Places, params: readonly number[]): Division {
    this.#order ??= this.#orderSoFar();
    const division = new Division(kernel, [...places], [...params], this.#lanes, this.#order);
    this.#next.push(division);
    this.#grow();
    return division;
  }

  #orderSoFar(): Order {
    const order = new Order();
    for (const division of this.#path) division.noteIn(order);
    return order;
  }
}
