import { mulHigh } from "./vector";

/** Words of one call: four counters of four words. */
export const BLOCK_WORDS: u32 = 16;

/**
 * Philox4x32-10 (Salmon et al. 2011, Random123): the words of the four counters (block + 0..3, 0, offset) under the key
 * (seed), stored at `words` as u32[16] in the order counter, word. Word i of a tensor's stream belongs to its element i.
 */
export function philox(block: u32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32, words: usize): void {
  const multiplier0 = i32x4.splat(<i32>0xd2511f53);
  const multiplier1 = i32x4.splat(<i32>0xcd9e8d57);
  let x0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(0);
  let x2 = i32x4.splat(offsetLow);
  let x3 = i32x4.splat(offsetHigh);
  let key0 = seedLow;
  let key1 = seedHigh;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(x0, multiplier0);
    const low0 = i32x4.mul(x0, multiplier0);
    const high1 = mulHigh(x2, multiplier1);
    const low1 = i32x4.mul(x2, multiplier1);
    x0 = v128.xor(v128.xor(high1, x1), i32x4.splat(key0));
    x1 = low1;
    x2 = v128.xor(v128.xor(high0, x3), i32x4.splat(key1));
    x3 = low0;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  // Lanes are counters here; in memory they follow each other word by word.
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
 * Random words for 16 elements from `first` on: returns the address of the first one's word. `words` is u32[32].
 */
export function wordsFrom(
  first: u32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32, words: usize,
): usize {
  const skip = first & 3;
  philox(first >> 2, offsetLow, offsetHigh, seedLow, seedHigh, words);
  if (skip != 0) philox((first >> 2) + 4, offsetLow, offsetHigh, seedLow, seedHigh, words + 64);
  return words + (<usize>skip << 2);
}
