/** Where the tables of `exp`, `log` and `pow` begin in the kernels' file, in bytes. */
export interface TableOffsets {
  /** For each k < 128: how 2^(k/128) differs from its double, relatively, and that double less k/128 in the exponent. */
  readonly exp: number;
  /** c is close to the middle of one of 128 pieces of an octave. For each: 1/c, and ln c to 43 binary places. */
  readonly log: number;
  /** For the same pieces: c as the sum of two doubles. */
  readonly logParts: number;
  /** For 128 other pieces: 1/c, nothing, ln c to 43 binary places, and what that lacks. */
  readonly pow: number;
}

const PIECES = 128;
/** Binary places of the arithmetic below: the longest entry takes 106, the rest keeps errors out of its rounding. */
const PLACES = 140n;
const ONE = 1n << PLACES;
/** 2^(1/128). */
const STEP = 0x10163da9fb33356d84a66ae336dcdfa4003en;

const toNumber = (value: bigint): number => Number(value) / 2 ** Number(PLACES);
/** A double below 2, without error. */
const fromNumber = (value: number): bigint => BigInt(value * 2 ** 106) << (PLACES - 106n);
const quotient = (a: bigint, b: bigint): bigint => (a << PLACES) / b;

/** ln x = 2 artanh((x - 1) / (x + 1)), by its series. */
function ln(x: bigint): bigint {
  const z = quotient(x - ONE, x + ONE);
  const square = (z * z) >> PLACES;
  let sum = 0n;
  for (let [power, k] = [z, 1n]; power / k !== 0n; k += 2n) {
    sum += power / k;
    power = (power * square) / ONE;
  }
  return 2n * sum;
}

/** A number to 43 binary places. */
const coarse = (value: bigint): number => Math.round(toNumber(value) * 2 ** 43) / 2 ** 43;

/**
 * Computes the tables that AssemblyScript's `exp`, `log` and `pow` read, to the last bit, from the few numbers that have been
 * chosen for them: the reciprocals 1/c, which stay in the file. Random bits do not shrink when a file is packed, so the
 * package carries the rest as this function. Integers alone: every engine gets the same. The first piece of each table
 * stays in the file too, whose leading zeros may lie outside of it.
 *
 * @param wasm the file, changed in place
 * @see https://github.com/ARM-software/optimized-routines, `math/exp_data.c`, `math/log_data.c`, `math/pow_log_data.c`
 */
export function fillMathTables(wasm: Uint8Array<ArrayBuffer>, { exp, log, logParts, pow }: TableOffsets): void {
  const view = new DataView(wasm.buffer);
  const put = (at: number, value: number) => view.setFloat64(at, value, true);
  let power = STEP;
  for (let k = 1; k < PIECES; k++) {
    const double = toNumber(power);
    put(exp + 16 * k, toNumber(quotient(power - fromNumber(double), fromNumber(double))));
    put(exp + 16 * k + 8, double);
    const bits = view.getBigUint64(exp + 16 * k + 8, true) - (BigInt(k) << 45n);
    view.setBigUint64(exp + 16 * k + 8, bits, true);
    power = (power * STEP) >> PLACES;
  }
  for (let k = 1; k < PIECES; k++) {
    const c = quotient(ONE, fromNumber(view.getFloat64(log + 16 * k, true)));
    const high = toNumber(c);
    put(log + 16 * k + 8, coarse(ln(c)));
    put(logParts + 16 * k, high);
    put(logParts + 16 * k + 8, toNumber(c - fromNumber(high)));
    const exact = -ln(fromNumber(view.getFloat64(pow + 32 * k, true)));
    const rounded = coarse(exact);
    put(pow + 32 * k + 16, rounded);
    put(pow + 32 * k + 24, toNumber(exact - fromNumber(rounded)));
  }
}
