/** How many letters must be changed, left out, put in or swapped with their neighbour to turn `a` into `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change, swap));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `batchSize` and `batch_size` are spellings of `batch-size`. */
const plain = (word: string): string => word.toLowerCase().replace(/[-_]/g, "");

/** The name that a misspelled word most likely means, or undefined where none is near: a third of its letters may be wrong. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const typed = plain(word);
  const off = (name: string): number => distance(typed, plain(name));
  const [best] = [...names].sort((a, b) => off(a) - off(b));
  if (best === undefined || typed === "") return undefined;
  return off(best) <= Math.max(1, Math.floor(plain(best).length / 3)) ? best : undefined;
}
