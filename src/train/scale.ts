/** An axis: its end values, and the values that get a tick with the text for each. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** True for a number that can be drawn; beyond 1e300 differences and sums of values overflow. */
export function drawable(value: number): boolean {
  return Math.abs(value) < 1e300;
}

/**
 * An axis of values that ends on ticks, which are multiples of 1, 2 or 5 times a power of ten.
 * Zero is included where the smallest value is below two fifths of the largest. Values that are all but equal get an
 * axis of one percent point, or of two hundredths of their size, so that noise does not look like a fall.
 *
 * @param values the values to hold, all drawable; at least one
 * @param ceiling the largest end the axis may have, as 1 for accuracies
 * @param percent write 0.95 as "95%"
 */
export function valueScale(values: readonly number[], ceiling: number, percent: boolean): Scale {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low >= 0 && low < 0.4 * high) low = 0;
  const least = percent ? 0.01 : 0.02 * Math.abs(high) || 1;
  if (high - low < least) {
    const middle = (low + high) / 2;
    const floor = low >= 0 ? 0 : Number.NEGATIVE_INFINITY;
    low = Math.max(floor, Math.min(middle - least / 2, Math.max(ceiling, high) - least));
    high = low + least;
  }
  const step = niceStep((high - low) / 5);
  const first = Math.floor(low / step + 1e-6);
  const last = Math.ceil(high / step - 1e-6);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => {
    const value = Number(((first + i) * step).toPrecision(12));
    return { value, text: percent ? `${valueText(value * 100, step * 100)}%` : valueText(value, step) };
  });
  return { low: ticks[0]?.value ?? low, high: ticks[ticks.length - 1]?.value ?? high, ticks };
}

/** An axis of the epochs 1…n: all have ticks up to ten, then the first and at most seven round ones. */
export function epochScale(epochs: number): Scale {
  const step = epochs <= 10 ? 1 : Math.max(2, Math.ceil(niceStep(epochs / 7)));
  const ticks = [{ value: 1, text: "1" }];
  for (let value = step; value <= epochs; value += step) {
    if (value - 1 >= step / 2 && value > 1) ticks.push({ value, text: String(value) });
  }
  return { low: 1, high: Math.max(1, epochs), ticks };
}

/** The smallest of 1, 2, 5, 10 times a power of ten that is at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
}

function valueText(value: number, step: number): string {
  const size = Math.max(Math.abs(value), step);
  if (size >= 1e5 || step < 1e-4) return value === 0 ? "0" : value.toExponential(1).replace("e+", "e");
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}
