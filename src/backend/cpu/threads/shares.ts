import type { Kernel } from "../../../core/kernel.ts";
import type { Slice, Split } from "../../../core/split.ts";
import type { Block } from "../../backend.ts";

/** Bytes of memory that a call reads or writes: from `start` up to `end`. */
export interface Range {
  /** The block they are a part of, by its address. */
  readonly block: number;
  readonly start: number;
  readonly end: number;
}

/** One thread's part of a command. */
export interface Share {
  /** The function that computes it. */
  readonly name: string;
  /** Where its buffers begin. */
  readonly addresses: readonly number[];
  readonly params: readonly number[];
  /** The pieces it has; undefined where it has them all. */
  readonly pieces: { readonly first: number; readonly count: number } | undefined;
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
}

/** Floating-point operations below which a second thread costs more than it saves. */
const WORTH_SHARING = 20_000;

/** A block of the threads' memory. */
export interface SharedBlock extends Block {
  /** Where the block that it is a part of begins; undefined where it is none's. */
  readonly whole?: number;
}

/** The block that was allocated, by its address. */
export const wholeOf = ({ address, whole }: SharedBlock): number => whole ?? address;

const all = (block: SharedBlock): Range => ({
  block: wholeOf(block),
  start: block.address,
  end: block.address + block.bytes,
});

/** The command as one thread computes it alone. */
function unshared(kernel: Kernel, blocks: readonly Block[], params: readonly number[]): Share {
  const reads = kernel.reads.length;
  return {
    name: kernel.name,
    addresses: blocks.map(({ address }) => address),
    params,
    pieces: undefined,
    reads: blocks.slice(0, reads).map(all),
    writes: blocks.slice(reads).map(all),
  };
}

/** Where the parts of a buffer begin that threads have written, and the last one's end, in bytes. */
export type EdgesOf = (address: number) => readonly number[] | undefined;

/**
 * Divides a command among threads: contiguous runs of its pieces, where the threads' parts of what it reads begin if those were
 * made in parts, so that nobody waits; else as even as its grain allows. Element t is thread t's share; undefined where it has none.
 *
 * @param worth floating-point operations below which a command is not divided of its own accord
 */
export function sharesOf(
  kernel: Kernel,
  blocks: readonly Block[],
  params: readonly number[],
  threads: number,
  edgesOf: EdgesOf = () => undefined,
  worth: number = WORTH_SHARING,
): readonly (Share | undefined)[] {
  const { split } = kernel;
  if (split === undefined) return [unshared(kernel, blocks, params)];
  const slices = split.slices(params);
  const edges = followed(kernel, split, blocks, slices, params, edgesOf) ?? even(split, params, threads, worth);
  if (edges === undefined) return [unshared(kernel, blocks, params)];
  return Array.from({ length: threads }, (_, t) => {
    const first = edges[t] as number;
    const count = (edges[t + 1] as number) - first;
    return count === 0 ? undefined : shareOf(kernel, split, blocks, slices, params, first, count);
  });
}

/** The edges, in pieces, that a buffer which the command reads was written in; undefined where there is none of whole pieces. */
function followed(
  kernel: Kernel,
  split: Split,
  blocks: readonly Block[],
  slices: readonly Slice[],
  params: readonly number[],
  edgesOf: EdgesOf,
): readonly number[] | undefined {
  const pieces = split.pieces(params);
  for (let b = 0; b < kernel.reads.length; b++) {
    const [slice, address] = [slices[b], blocks[b]?.address as number];
    if (typeof slice !== "number" || slice === 0) continue;
    const edges = edgesOf(address)?.map((edge) => (edge - address) / slice);
    if (
      edges?.at(-1) === pieces &&
      edges.every((edge) => Number.isInteger(edge / (split.step ?? 1)) || edge === pieces)
    )
      return edges;
  }
  return undefined;
}

/** Edges as even as the grain allows; undefined where the command is too small. */
function even(split: Split, params: readonly number[], threads: number, worth: number): readonly number[] | undefined {
  const pieces = split.pieces(params);
  const grains = Math.ceil(pieces / split.grain);
  if (grains < 2 || pieces * split.cost(params) < worth) return undefined;
  return Array.from({ length: threads + 1 }, (_, t) =>
    Math.min(Math.round((grains * t) / threads) * split.grain, pieces),
  );
}

function shareOf(
  kernel: Kernel,
  split: Split,
  blocks: readonly Block[],
  slices: readonly Slice[],
  params: readonly number[],
  first: number,
  count: number,
): Share {
  const share = { addresses: [] as number[], reads: [] as Range[], writes: [] as Range[] };
  blocks.forEach((block, b) => {
    const slice = slices[b] ?? 0;
    const { address, range } = placeOf(block, slice, first, count);
    share.addresses.push(address);
    // What every share may write is the same word of a fault: it orders itself against others only as a read does.
    (b < kernel.reads.length || slice === 0 ? share.reads : share.writes).push(range);
  });
  return {
    name: split.name ?? kernel.name,
    params: split.params(params, first, count),
    pieces: { first, count },
    ...share,
  };
}

function placeOf(block: Block, slice: Slice, first: number, count: number): { address: number; range: Range } {
  if (typeof slice !== "number") return { address: block.address + first * slice.step, range: all(block) };
  if (slice === 0) return { address: block.address, range: all(block) };
  const address = block.address + first * slice;
  return { address, range: { block: wholeOf(block), start: address, end: address + count * slice } };
}
