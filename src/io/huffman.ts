/** Bits of the longest code that DEFLATE allows. */
export const MAX_CODE_BITS = 15;

/**
 * A table for reading prefix codes: the next `bits` bits of the stream, lowest first, index an entry that holds
 * symbol · 16 + code length, or 0 where no code begins with them.
 */
export interface HuffmanTable {
  readonly entries: Uint16Array;
  readonly bits: number;
}

/** The first code of each length, or undefined if there are more codes than their lengths leave room for. */
function firstCodes(counts: Uint16Array): { codes: Uint16Array; free: number } | undefined {
  const codes = new Uint16Array(MAX_CODE_BITS + 1);
  let code = 0;
  let free = 1;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    codes[length] = code;
    free = free * 2 - counts[length]!;
    if (free < 0) return undefined;
    code = (code + counts[length]!) * 2;
  }
  return { codes, free };
}

/** The lowest `length` bits of `code` in the opposite order, as codes stand in the stream. */
function reversed(code: number, length: number): number {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

/**
 * Builds the table of the canonical code with these lengths (0: the symbol does not occur).
 *
 * @returns undefined for lengths that make no complete prefix code; `lone` lets none at all, or a single one of one bit, pass
 * @see RFC 1951, section 3.2.2; what is refused is what zlib refuses
 */
export function huffmanTable(lengths: Uint8Array, lone: boolean): HuffmanTable | undefined {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  let bits = 1;
  for (const length of lengths) {
    counts[length]!++;
    bits = Math.max(bits, length);
  }
  counts[0] = 0;
  const first = firstCodes(counts);
  if (first === undefined || (first.free > 0 && !(lone && bits === 1))) return undefined;
  const entries = new Uint16Array(1 << bits);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const code = reversed(first.codes[length]!++, length);
    for (let i = code; i < entries.length; i += 1 << length) entries[i] = (symbol << 4) | length;
  });
  return { entries, bits };
}
