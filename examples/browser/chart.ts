// A line chart as SVG, in the pixels of its place on the page: no library, and colours from the style sheet.

/** A value of a run: x in epochs, 1.5 being the middle of the second. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** A line; `name` is the class that gives it its colour. */
export interface Line {
  readonly name: string;
  readonly dots: readonly Dot[];
  /** Draws the values themselves, too. */
  readonly isDotted?: boolean;
}

/** A note at a place of the x axis. */
export interface Mark {
  readonly x: number;
  readonly text: string;
}

/** The values of an axis, and those that get a line with their text. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

export interface Chart {
  /** The x axis goes from 0 to this. */
  readonly epochs: number;
  readonly axis: Axis;
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  /** A value to reach. */
  readonly target?: { readonly value: number; readonly text: string };
}

const EDGE = { left: 48, right: 1, top: 22, bottom: 24 };
/** Room for the text of a mark and of the last epoch. */
const MARK_WIDTH = 48;
const LAST_WIDTH = 72;
/** Values of a line that come closer together are drawn as their mean. */
const COLUMN = 2;

/** Draws a chart into an `<svg>`, as wide and as high as that is. */
export function drawChart(svg: SVGSVGElement, chart: Chart): void {
  const { width, height } = svg.getBoundingClientRect();
  if (width === 0) return; // not on the screen
  const plot = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: height - EDGE.bottom };
  const { axis, epochs } = chart;
  const part = (value: number): number =>
    axis.isLog
      ? Math.log(value / axis.low) / Math.log(axis.high / axis.low)
      : (value - axis.low) / (axis.high - axis.low);
  const x = (value: number): number => plot.left + (value / epochs) * (plot.right - plot.left);
  const y = (value: number): number => plot.bottom - Math.min(1, Math.max(0, part(value))) * (plot.bottom - plot.top);
  const rule = (name: string, at: number) => `<path class="${name}" d="M${plot.left} ${r(at)}H${r(plot.right)}"/>`;

  const rows = axis.ticks.map(
    ({ value, text }) =>
      `${rule("grid", y(value))}<text class="end" x="${plot.left - 8}" y="${r(y(value))}" dy=".35em">${text}</text>`,
  );
  const columns = epochTicks(epochs, width)
    .filter((epoch) => x(epoch) < plot.right - LAST_WIDTH)
    .map((epoch) => `<text class="middle" x="${r(x(epoch))}" y="${r(height - 6)}">${epoch}</text>`);
  columns.push(`<text class="end" x="${r(plot.right)}" y="${r(height - 6)}">epoch ${epochs}</text>`);
  const target = chart.target
    ? `${rule("target", y(chart.target.value))}<text class="end target" x="${r(plot.right)}" y="${r(y(chart.target.value))}" dy="-.4em">${chart.target.text}</text>`
    : "";
  const place = ({ x: at, y: value }: Dot): Dot => ({ x: x(at), y: y(value) });
  const lines = chart.lines.map((line) => drawLine({ ...line, dots: line.dots.filter(isDrawable).map(place) }));
  svg.setAttribute("viewBox", `0 0 ${r(width)} ${r(height)}`);
  svg.innerHTML = [...rows, ...columns, drawMarks(chart.marks, x, plot), target, ...lines].join("");
}

/** An SVG coordinate: a tenth of a pixel is enough. */
const r = (value: number): string => String(Math.round(value * 10) / 10);

const isDrawable = ({ y }: Dot): boolean => Number.isFinite(y);

function drawLine({ name, dots, isDotted }: Line): string {
  const points = isDotted ? dots : thin(dots);
  const path = points.map(({ x, y }, i) => `${i ? "L" : "M"}${r(x)} ${r(y)}`).join("");
  const circles = isDotted ? points.map(({ x, y }) => `<circle cx="${r(x)}" cy="${r(y)}" r="3"/>`).join("") : "";
  return `<g class="${name}"><path d="${path}"/>${circles}</g>`;
}

/** One value for each column of pixels: a long run has more steps than the screen has columns. */
function thin(dots: readonly Dot[]): Dot[] {
  const columns = new Map<number, { x: number; y: number; n: number }>();
  for (const { x, y } of dots) {
    const key = Math.round(x / COLUMN);
    const { x: sumX, y: sumY, n } = columns.get(key) ?? { x: 0, y: 0, n: 0 };
    columns.set(key, { x: sumX + x, y: sumY + y, n: n + 1 });
  }
  return Array.from(columns.values(), ({ x, y, n }) => ({ x: x / n, y: y / n }));
}

/** A line down for each mark; texts that would run into the one before are left out. */
function drawMarks(
  marks: readonly Mark[],
  x: (at: number) => number,
  plot: { top: number; bottom: number; right: number },
) {
  let free = Number.NEGATIVE_INFINITY;
  return marks
    .map(({ x: at, text }) => {
      const left = x(at);
      const down = `<path class="mark" d="M${r(left)} ${plot.top - 4}V${r(plot.bottom)}"/>`;
      if (left < free || left + MARK_WIDTH > plot.right + EDGE.right) return down;
      free = left + MARK_WIDTH;
      return `${down}<text class="mark" x="${r(left)}" y="${plot.top - 9}">${text}</text>`;
    })
    .join("");
}

/** Whole epochs for the x axis: all, or every 2nd, 5th, 10th, … where there is no room. */
function epochTicks(epochs: number, width: number): number[] {
  const most = Math.max(2, width / 40);
  const step = [1, 2, 5, 10, 20, 50].find((each) => epochs / each <= most) ?? 100;
  return Array.from({ length: Math.floor(epochs / step) + 1 }, (_, i) => i * step);
}

/** A logarithmic axis that holds the values, with ticks at 1, 2 and 5 times the powers of ten. */
export function logAxis(values: readonly number[], low: number, high: number): Axis {
  const drawn = values.filter((value) => value > 0 && Number.isFinite(value));
  const all = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000].flatMap((power) => [power, 2 * power, 5 * power]);
  const least = Math.max(1e-6, Math.min(low, ...drawn));
  const most = Math.min(5000, Math.max(high, ...drawn));
  const bottom = all.findLast((value) => value <= least * 1.0001) ?? 1e-6;
  const ticks = all.filter((value) => value >= bottom && value <= most);
  // Where the axis spans many powers of ten, they alone have room.
  const shown = ticks.length > 9 ? ticks.filter((value) => String(value).match(/^[0.]*1|^1e/)) : ticks;
  return {
    low: bottom,
    high: most,
    isLog: true,
    ticks: shown.map((value) => ({
      value,
      text: value < 1e-3 ? value.toExponential(0) : String(+value.toPrecision(1)),
    })),
  };
}

/** An axis of shares from a round one below the values up to 100 %. */
export function percentAxis(values: readonly number[], low: number): Axis {
  const least = Math.min(low, ...values.filter(Number.isFinite));
  const bottom = Math.max(0, Math.floor(least * 10 + 1e-9) / 10);
  const step = [0.02, 0.05, 0.1, 0.2].find((each) => (1 - bottom) / each <= 6) ?? 0.2;
  const ticks = Array.from({ length: Math.floor((1 - bottom) / step + 1e-9) + 1 }, (_, i) => 1 - i * step);
  return {
    low: bottom,
    high: 1,
    isLog: false,
    ticks: ticks.map((value) => ({ value, text: `${Math.round(value * 100)} %` })),
  };
}
