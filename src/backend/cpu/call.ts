/** Arguments on the way to a kernel: one array for each count of them, since the call copies them out. */
const room: unknown[][] = [];

/** Calls a kernel with `count` numbers of a list from `at` on. */
export function callFrom(
  kernel: (...args: number[]) => number,
  list: ArrayLike<number>,
  at: number,
  count: number,
): void {
  // Filled with what is no number: an array of doubles would box every integer on its way to the kernel.
  room[count] ??= Array<unknown>(count).fill(undefined);
  const args = room[count];
  for (let i = 0; i < count; i++) args[i] = list[at + i] as number;
  kernel.apply(null, args as number[]);
}
