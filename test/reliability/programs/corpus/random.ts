/** xorshift32 from a seed: whole numbers below `n`. */
export function generator(seed: number): (n: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

/** One of a list. */
export function pick<T>(list: readonly T[], random: (n: number) => number): T {
  const found = list[random(list.length)];
  if (found === undefined) throw new RangeError("pick: expected a list with something in it");
  return found;
}
