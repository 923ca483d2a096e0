/** Throws unless `value` is a number of at least 0. */
export function checkNonNegative(operation: string, name: string, value: number): void {
  if (!(value >= 0)) throw new RangeError(`${operation}: ${name} must be at least 0, got ${value}`);
}
