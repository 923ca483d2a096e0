const isTail = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Length of the well-formed sequence that starts at `at`, or 0 (Unicode 16, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0xff;
  const second = bytes[at + 1] ?? 0xff;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end || !isTail(second)) return 0;
  // Shortest form only, no surrogates, nothing above U+10FFFF.
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  for (let i = 2; i < length; i++) if (!isTail(bytes[at + i])) return 0;
  return length;
}

/**
 * The first byte in [start, end) that is not part of strict UTF-8, or -1. Unlike a TextDecoder it names the place and makes
 * no copy, so a header of 100 MB costs no memory before it is known to be good.
 */
export function findBadUtf8(bytes: Uint8Array, start: number, end: number): number {
  // ASCII goes by four bytes, from the first place where they are aligned.
  const base = start + (-(bytes.byteOffset + start) & 3);
  const count = Math.max(0, end - base) >> 2;
  const words = new Uint32Array(bytes.buffer, count === 0 ? 0 : bytes.byteOffset + base, count);
  let at = start;
  while (at < end) {
    if (at >= base && ((at - base) & 3) === 0) {
      let word = (at - base) >> 2;
      while (word < words.length && (words[word]! & 0x80808080) === 0) word++;
      at = base + 4 * word;
      if (at >= end) break;
    }
    const first = bytes[at]!;
    const isPair = first > 0xc1 && first < 0xe0 && at + 1 < end && (bytes[at + 1]! & 0xc0) === 0x80;
    const length = first < 0x80 ? 1 : isPair ? 2 : sequenceLength(bytes, at, end);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}
