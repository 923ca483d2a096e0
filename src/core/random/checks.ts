const FLOAT32_MAX = 3.4028234663852886e38;

/** Throws unless `n` counts elements: a non-negative safe integer. */
export function checkCount(operation: string, n: number): void {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(`${operation}: the number of elements must be a non-negative integer, got ${n}`);
}

/** Throws unless `p` is a probability. */
export function checkProbability(operation: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${operation}: p must be in [0, 1], got ${p}`);
}

/** Throws unless `low` < `high`, both integers, and [low, high) lies in [least, end). */
export function checkInterval<T extends number | bigint>(operation: string, low: T, high: T, least: T, end: T): void {
  if (typeof low === "number" && !(Number.isInteger(low) && Number.isInteger(high)))
    throw new RangeError(`${operation}: low and high must be integers, got ${low} and ${high}`);
  if (!(low < high)) throw new RangeError(`${operation}: low must be less than high, got low ${low} and high ${high}`);
  if (low < least || high > end)
    throw new RangeError(`${operation}: [low, high) must lie in [${least}, ${end}), got [${low}, ${high})`);
}

/** Throws unless `from` <= `to` and neither they nor their distance leave float32. */
export function checkBounds(operation: string, from: number, to: number): void {
  if (!(from <= to)) throw new RangeError(`${operation}: from must not exceed to, got from ${from} and to ${to}`);
  if (from < -FLOAT32_MAX || to > FLOAT32_MAX || to - from > FLOAT32_MAX)
    throw new RangeError(
      `${operation}: from, to and to - from must be finite in float32, got from ${from} and to ${to}`,
    );
}

/**
 * A seed as PyTorch keeps it: modulo 2^64, so that -1 is 2^64 − 1.
 *
 * @throws RangeError unless it is an integer in [−2^63, 2^64), and a safe one when it is a number
 */
export function seedOf(operation: string, seed: number | bigint): bigint {
  if (typeof seed === "number" && !Number.isSafeInteger(seed))
    throw new RangeError(
      `${operation}: a seed must be an integer, and a bigint from 2^53 on (such as 9007199254740993n), got ${seed}`,
    );
  const whole = BigInt(seed);
  if (whole < -(2n ** 63n) || whole >= 2n ** 64n)
    throw new RangeError(`${operation}: a seed must be in [-2^63, 2^64), got ${whole}`);
  return BigInt.asUintN(64, whole);
}
