const MASK = 0xffffffffn;

/**
 * Philox4x32-10 in whole numbers, from the paper: slow, and the oracle for the kernels.
 *
 * @param counter four words
 * @param key two words
 * @returns four words
 * @see Salmon et al. 2011, https://doi.org/10.1145/2063384.2063405
 */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = counter.map(BigInt);
  let [k0 = 0n, k1 = 0n] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const p = 0xd2511f53n * c0;
    const q = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(q >> 32n) ^ c1 ^ k0, q & MASK, (p >> 32n) ^ c3 ^ k1, p & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [c0, c1, c2, c3].map(Number);
}

/**
 * Which of `n` elements dropout keeps (1) and drops (0) with probability `p`: element i takes word i mod 4 of the counter
 * (⌊i / 4⌋, offset) under the key `seed`, each 64 bits wide, low word first, and stays if word >> 8 < ⌊(1 − p)·2^24 + ½⌋.
 */
export function keepMask(seed: bigint, offset: bigint, p: number, n: number): Uint8Array<ArrayBuffer> {
  const low = (x: bigint) => Number(x & MASK);
  const high = (x: bigint) => Number(x >> 32n);
  const threshold = Math.floor((1 - p) * 2 ** 24 + 0.5);
  const kept = new Uint8Array(n);
  for (let block = 0; block * 4 < n; block++) {
    const counter = [low(BigInt(block)), high(BigInt(block)), low(offset), high(offset)];
    const words = philox(counter, [low(seed), high(seed)]);
    // A write beyond the end of a typed array, in the last block, goes nowhere.
    for (const [j, word] of words.entries()) kept[block * 4 + j] = word >>> 8 < threshold ? 1 : 0;
  }
  return kept;
}
