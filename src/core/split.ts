/**
 * What a piece of a kernel's work has of a buffer: a number of bytes of its own, or a view of all of it that begins `step` bytes
 * further on for each piece. 0 is the whole buffer from its beginning.
 */
export type Slice = number | { readonly step: number };

/** How a kernel's work falls apart into pieces that threads can take, without changing a bit of the result. */
export interface Split {
  /** The function that computes some pieces, where the kernel's own cannot; it takes the same buffers. */
  readonly name?: string;
  /** How many pieces there are, by the kernel's parameters. */
  readonly pieces: (params: readonly number[]) => number;
  /** Shares begin at multiples of so many pieces, for speed. */
  readonly grain: number;
  /** And must at multiples of so many; 1 unless given. */
  readonly step?: number;
  /** The parameters of the call that computes `count` pieces from `first` on. */
  readonly params: (params: readonly number[], first: number, count: number) => readonly number[];
  /** What one piece has of each buffer, reads before writes. A buffer that many may write the same thing to is `0`. */
  readonly slices: (params: readonly number[]) => readonly Slice[];
  /** Floating-point operations of one piece, roughly: shares too small to be worth the hand-over are not made. */
  readonly cost: (params: readonly number[]) => number;
}

/** Elements of float32 in a cache line: shares that begin there never write to one line from two threads. */
const LINE = 16;

/**
 * A kernel whose first parameter counts elements that are computed one by one.
 *
 * @param slices bytes of one element in each buffer
 */
export function byElement(slices: (params: readonly number[]) => readonly Slice[]): Split {
  return {
    pieces: ([n = 0]) => n,
    grain: LINE,
    params: ([, ...rest], _first, count) => [count, ...rest],
    slices,
    cost: () => 1,
  };
}

/**
 * A kernel whose first parameter counts rows that are computed one by one.
 *
 * @param grain rows: enough for the smallest of the buffers to fill cache lines
 * @param slices bytes of one row in each buffer
 * @param cost floating-point operations of a row
 */
export function byRow(
  grain: number,
  slices: (params: readonly number[]) => readonly Slice[],
  cost: (params: readonly number[]) => number,
): Split {
  return {
    pieces: ([rows = 0]) => rows,
    grain,
    params: ([, ...rest], _first, count) => [count, ...rest],
    slices,
    cost,
  };
}
