/**
 * `value` with exactly `digits` decimals, as Python's `f"{value:.5f}"` writes it: the nearest decimal, and of two that are
 * equally near the even one (0.125 → "0.12", where `toFixed` says "0.13"). Not a number is "nan", infinities are "inf", "-inf".
 *
 * @param value any number below 1e21; larger ones come in JavaScript's scientific form
 * @param digits decimals, 0 ≤ digits ≤ 20
 */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const rounded = value.toFixed(digits);
  // 100 decimals hold every double that can lie halfway between two short decimals, so the tie shows exactly.
  const rest = value.toFixed(100).split(".")[1]?.slice(digits) ?? "";
  if (!/^50*$/.test(rest) || !/[13579]$/.test(rounded)) return rounded;
  const even = Math.abs(value) - 0.5 * 10 ** -digits;
  return (value < 0 ? "-" : "") + even.toFixed(digits);
}
