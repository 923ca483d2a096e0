// Probabilities are of 11 bits and move by a 32nd; the properties are those that encoders take: lc = 3, lp = 0, pb = 2.
const HALF = 1024;
const ONE = 2048;
const TOP = 2 ** 24;
const POSITION_MASK = 3;
const LITERAL_SHIFT = 5;
const LITERAL_CODER = 0x300;
const STATES = 12;
const MATCH_MIN = 2;

/** Where each set of probabilities starts, in one array. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + (STATES << 2);
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_LONG_REP0 = IS_REP2 + STATES;
const SLOTS = IS_LONG_REP0 + (STATES << 2);
const SPECIAL = SLOTS + 4 * 64;
const ALIGN = SPECIAL + 128;
/** A length: two choices, then trees of 3, 3 and 8 bits, the first two for each position. */
const LENGTH = ALIGN + 16;
const REP_LENGTH = LENGTH + 2 + 64 + 256;
const LITERAL = REP_LENGTH + 2 + 64 + 256;
const ALL = LITERAL + (LITERAL_CODER << 3);

/** What the range decoder gives: bits by their probabilities. */
interface Bits {
  /** The next bit, by the probability at an index. */
  bit(index: number): number;
  /** `count` bits by a tree of probabilities, the highest bit first, from node 1 or further down. */
  tree(start: number, count: number, node?: number): number;
  /** `count` bits, each as likely as not. */
  even(count: number): number;
}

/** The range decoder. */
function rangeDecoder(bytes: Uint8Array): Bits {
  const odds = new Uint16Array(ALL).fill(HALF);
  let at = 5;
  let range = 2 ** 32 - 1;
  let code = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const narrow = () => {
    range = (range << 8) >>> 0;
    code = ((code << 8) | bytes[at++]!) >>> 0;
  };
  const bit = (index: number) => {
    const chance = odds[index]!;
    const bound = (range >>> 11) * chance;
    if (code < bound) {
      range = bound;
      odds[index] = chance + ((ONE - chance) >> 5);
      if (range < TOP) narrow();
      return 0;
    }
    code -= bound;
    range -= bound;
    odds[index] = chance - (chance >> 5);
    if (range < TOP) narrow();
    return 1;
  };
  const tree = (start: number, count: number, from = 1) => {
    let node = from;
    for (const end = 1 << count; node < end; ) node = 2 * node + bit(start + node);
    return node - (1 << count);
  };
  const even = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++) {
      range >>>= 1;
      const one = code < range ? 0 : 1;
      code -= one * range;
      if (range < TOP) narrow();
      value = 2 * value + one;
    }
    return value;
  };
  return { bit, tree, even };
}

/** `count` bits by a tree of probabilities, the lowest bit first. */
function reverseTree({ bit }: Bits, start: number, count: number): number {
  let [node, value] = [1, 0];
  for (let i = 0; i < count; i++) {
    const next = bit(start + node);
    node = 2 * node + next;
    value |= next << i;
  }
  return value;
}

function lengthOf(bits: Bits, start: number, position: number): number {
  if (!bits.bit(start)) return bits.tree(start + 2 + (position << 3), 3);
  if (!bits.bit(start + 1)) return 8 + bits.tree(start + 34 + (position << 3), 3);
  return 16 + bits.tree(start + 66, 8);
}

/** A literal; after a match the byte at the match's distance tells which probabilities serve. */
function literal({ bit, tree }: Bits, start: number, matched: number | undefined): number {
  let node = 1;
  if (matched !== undefined) {
    let [match, same] = [matched, true];
    while (node < 256 && same) {
      const expected = (match >> 7) & 1;
      const next = bit(start + ((1 + expected) << 8) + node);
      node = 2 * node + next;
      same = next === expected; // one differing bit, and the matched byte tells no more
      match <<= 1;
    }
  }
  return tree(start, 8, node);
}

function distanceOf(bits: Bits, length: number): number {
  const slot = bits.tree(SLOTS + (Math.min(length, 3) << 6), 6);
  if (slot < 4) return slot;
  const count = (slot >> 1) - 1;
  const base = (2 | (slot & 1)) << count;
  if (slot < 14) return base + reverseTree(bits, SPECIAL + base - slot, count);
  return base + bits.even(count - 4) * 16 + reverseTree(bits, ALIGN, 4);
}

/**
 * Unpacks LZMA data of properties lc = 3, lp = 0, pb = 2 without header and end mark. It trusts the data, which comes with the
 * package, and knows nothing of damage.
 *
 * @param packed range-coded data, as in an .lzma file from byte 13 on
 * @param size bytes of the output
 * @see https://www.7-zip.org/sdk.html, `lzma-specification.txt`
 */
export function unpackLzma(packed: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  const bits = rangeDecoder(packed);
  let state = 0;
  let distances = [0, 0, 0, 0];
  for (let at = 0; at < size; ) {
    const position = at & POSITION_MASK;
    const [last = 0] = distances;
    if (!bits.bit(IS_MATCH + (state << 2) + position)) {
      const previous = at > 0 ? out[at - 1]! : 0;
      const start = LITERAL + LITERAL_CODER * (previous >> LITERAL_SHIFT);
      out[at] = literal(bits, start, state < 7 ? undefined : out[at - last - 1]);
      at++;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length: number;
    if (!bits.bit(IS_REP + state)) {
      length = lengthOf(bits, LENGTH, position);
      distances = [distanceOf(bits, length), ...distances.slice(0, 3)];
      state = state < 7 ? 7 : 10;
    } else {
      const which = repeated(bits, state, position);
      if (which < 0) {
        length = 1 - MATCH_MIN;
        state = state < 7 ? 9 : 11;
      } else {
        distances = [distances[which]!, ...distances.filter((_, i) => i !== which)];
        length = lengthOf(bits, REP_LENGTH, position);
        state = state < 7 ? 8 : 11;
      }
    }
    const from = (distances[0] ?? 0) + 1;
    for (const end = at + length + MATCH_MIN; at < end; at++) out[at] = out[at - from]!;
  }
  return out;
}

/** Which of the last four distances comes again; -1: the last one, for a single byte. */
function repeated(bits: Bits, state: number, position: number): number {
  if (!bits.bit(IS_REP0 + state)) return bits.bit(IS_LONG_REP0 + (state << 2) + position) - 1;
  if (!bits.bit(IS_REP1 + state)) return 1;
  return 2 + bits.bit(IS_REP2 + state);
}
