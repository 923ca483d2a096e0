const MANTISSA_BITS = 52;
const EXPONENT_BIAS = 1075;

/** A finite |x| as integer × 2^exponent, exactly. */
function split(x: number): { integer: bigint; exponent: number } {
  const bits = new BigUint64Array(new Float64Array([Math.abs(x)]).buffer)[0] ?? 0n;
  const fraction = bits & ((1n << BigInt(MANTISSA_BITS)) - 1n);
  const biased = Number(bits >> BigInt(MANTISSA_BITS));
  if (biased === 0) return { integer: fraction, exponent: 1 - EXPONENT_BIAS };
  return { integer: fraction | (1n << BigInt(MANTISSA_BITS)), exponent: biased - EXPONENT_BIAS };
}

/** numerator / denominator to the nearest integer, a tie to the even one. */
function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** |x| · 10^power to the nearest integer, a tie to the even one, with no rounding in between. */
function scaled(x: number, power: number): bigint {
  const { integer, exponent } = split(x);
  let numerator = integer;
  let denominator = 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  return divideToEven(numerator, denominator);
}

const signOf = (x: number): string => (x < 0 || Object.is(x, -0) ? "-" : "");

const nonFinite = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");

/**
 * `x` with `digits` decimals, as C and Python write `%.<digits>f`: the exact binary value is rounded, a tie goes to the
 * even digit (`toFixed` sends it up), and the sign of -0 stays. `nan`, `inf` and `-inf` for the rest.
 */
export function fixedText(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const text = scaled(x, digits)
    .toString()
    .padStart(digits + 1, "0");
  const point = text.length - digits;
  return signOf(x) + text.slice(0, point) + (digits === 0 ? "" : `.${text.slice(point)}`);
}

/**
 * `x` in scientific form with `digits` decimals, as C and Python write `%.<digits>e`: one digit before the point, at least
 * two in the exponent, the exact binary value rounded with ties to even. `nan`, `inf` and `-inf` for the rest.
 */
export function scientificText(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  // One digit may have been rounded up to the next power (9.6 reads as 1e1), so start one lower and step up at most once.
  let power = x === 0 ? 0 : Number(x.toExponential(0).split("e")[1]) - 1;
  let text = scaled(x, digits - power).toString();
  if (text.length > digits + 1) text = scaled(x, digits - ++power).toString();
  text = text.padStart(digits + 1, "0");
  const mantissa = text.slice(0, 1) + (digits === 0 ? "" : `.${text.slice(1)}`);
  return `${signOf(x)}${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
