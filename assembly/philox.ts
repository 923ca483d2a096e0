import { mulHigh } from "./vector";

/** Words of one call of `philox`. */
export const BLOCK_WORDS: u32 = 32;

/** Stores the words of four counters, x0 to x3 with a counter in each lane, one counter after the other. */
function storeWords(x0: v128, x1: v128, x2: v128, x3: v128, words: usize): void {
  const a = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(words, v128.shuffle<i64>(a, b, 0, 2), 0);
  v128.store(words, v128.shuffle<i64>(a, b, 1, 3), 16);
  v128.store(words, v128.shuffle<i64>(c, d, 0, 2), 32);
  v128.store(words, v128.shuffle<i64>(c, d, 1, 3), 48);
}

/**
 * Philox4x32-10 (Salmon et al. 2011, Random123): the words of the eight counters (block + 0..7, 0, offset) under the key
 * (seed), stored at `words` as u32[32] in the order counter, word. Word i of a tensor's stream belongs to its element i.
 */
export function philox(block: u32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32, words: usize): void {
  const multiplier0 = i32x4.splat(<i32>0xd2511f53);
  const multiplier1 = i32x4.splat(<i32>0xcd9e8d57);
  // Two sets of four counters side by side: each round of one waits for its products while the other's are under way.
  let x0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let y0 = i32x4.add(i32x4.splat(block), i32x4(4, 5, 6, 7));
  let x1 = i32x4.splat(0);
  let y1 = x1;
  let x2 = i32x4.splat(offsetLow);
  let y2 = x2;
  let x3 = i32x4.splat(offsetHigh);
  let y3 = x3;
  let key0 = seedLow;
  let key1 = seedHigh;
  for (let round = 0; round < 10; round++) {
    const k0 = i32x4.splat(key0);
    const k1 = i32x4.splat(key1);
    const xHigh0 = mulHigh(x0, multiplier0);
    const xLow0 = i32x4.mul(x0, multiplier0);
    const yHigh0 = mulHigh(y0, multiplier0);
    const yLow0 = i32x4.mul(y0, multiplier0);
    x0 = v128.xor(v128.xor(mulHigh(x2, multiplier1), x1), k0);
    x1 = i32x4.mul(x2, multiplier1);
    y0 = v128.xor(v128.xor(mulHigh(y2, multiplier1), y1), k0);
    y1 = i32x4.mul(y2, multiplier1);
    x2 = v128.xor(v128.xor(xHigh0, x3), k1);
    x3 = xLow0;
    y2 = v128.xor(v128.xor(yHigh0, y3), k1);
    y3 = yLow0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  storeWords(x0, x1, x2, x3, words);
  storeWords(y0, y1, y2, y3, words + 64);
}

/** How many elements from `first` on the words of one call serve: those of the counter that `first` lies in, to the end. */
export function wordsServe(first: u32): u32 {
  // A multiple of 4, so that the next group starts as deep inside its counter as this one.
  return (first & 3) == 0 ? BLOCK_WORDS : BLOCK_WORDS - 4;
}

/** Random words for the `wordsServe` elements from `first` on: returns the address of the first one's. `words` is u32[32]. */
export function wordsFrom(
  first: u32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32, words: usize,
): usize {
  philox(first >> 2, offsetLow, offsetHigh, seedLow, seedHigh, words);
  return words + (<usize>(first & 3) << 2);
}
