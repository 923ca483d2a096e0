import { CHART_STYLE } from "./chartStyle.ts";
import { coordinate, escapeMarkup } from "./markup.ts";
import { drawable, epochScale, type Scale, valueScale } from "./scale.ts";

/**
 * The values of a run's epochs: element 0 belongs to epoch 1; losses as they are, accuracies from 0 to 1. What `fit` returns is one.
 *
 * @category Pictures
 */
export interface RunCurves {
  /** Mean over the training batches of the batch's mean loss, in evaluation mode. */
  readonly trainLoss: readonly number[];
  /** Correct predictions / training samples, 0 to 1. */
  readonly trainAccuracy: readonly number[];
  /** Mean over the validation batches of the batch's mean loss. */
  readonly valLoss: readonly number[];
  /** Correct predictions / validation samples, 0 to 1. */
  readonly valAccuracy: readonly number[];
}

/**
 * What `curvesSvg` can draw.
 *
 * @inline
 */
export type CurvePanel = "loss" | "accuracy";

/**
 * How `curvesSvg` draws.
 *
 * @category Pictures
 */
export interface CurveOptions {
  /** The panels, from left to right; both unless given. */
  readonly panels?: readonly CurvePanel[];
  /** What a screen reader says first; unless given, the panels' names. */
  readonly title?: string;
  /** Starts the ids inside the picture; pictures in one page need different ones. "curves" unless given. */
  readonly id?: string;
  /** True paints the paper behind the curves, for a picture that stands alone; false by default. */
  readonly background?: boolean;
}

interface Point {
  readonly epoch: number;
  readonly value: number;
  readonly x: number;
  readonly y: number;
}

interface Series {
  readonly name: "train" | "validation";
  readonly values: readonly number[];
}

const WIDTH = 384;
const HEIGHT = 244;
const GAP = 28;
/** Paper around a picture that stands alone. */
const MARGIN = 20;
/** The plot inside a panel: room for the name above, tick texts left and below, the lines' names at the right. */
const PLOT = { left: 48, right: 304, top: 40, bottom: 206 };
/** More points than this run into each other at 360 px, so only the line is drawn. */
const MOST_DOTS = 25;
/** Least distance between the baselines of the two names at the line ends. */
const LABEL_DISTANCE = 16;

/**
 * Loss and accuracy by epoch as one SVG that stands alone: no script, no outside font or style, light and dark by
 * `prefers-color-scheme`. Each line is named at its end. Values that are NaN or infinite leave a gap.
 *
 * @param curves the values of the epochs; arrays may differ in length or be empty
 * @param options both panels, unless they say otherwise
 * @returns the `<svg>` element as text, fit for an HTML page and for a file
 * @category Pictures
 */
export function curvesSvg(curves: RunCurves, options: CurveOptions = {}): string {
  const { panels = ["loss", "accuracy"], id = "curves", background = false } = options;
  const title = options.title ?? `${panels.map(panelName).join(" and ")} by epoch`;
  const margin = background ? MARGIN : 0;
  const width = panels.length * (WIDTH + GAP) - GAP + 2 * margin;
  const height = HEIGHT + 2 * margin;
  const drawn = panels.map(
    (panel, i) => `<g transform="translate(${i * (WIDTH + GAP)} 0)">${drawPanel(panel, curves)}</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="curves" viewBox="${-margin} ${-margin} ${width} ${height}"`,
    ` width="${width}" height="${height}"`,
    ` role="img" aria-labelledby="${escapeMarkup(id)}-title ${escapeMarkup(id)}-desc">`,
    `<title id="${escapeMarkup(id)}-title">${escapeMarkup(title)}</title>`,
    `<desc id="${escapeMarkup(id)}-desc">${escapeMarkup(describe(panels, curves))}</desc>`,
    `<style>${CHART_STYLE}</style>`,
    background ? `<rect class="paper" x="${-margin}" y="${-margin}" width="${width}" height="${height}" rx="10"/>` : "",
    ...drawn,
    "</svg>",
  ].join("");
}

function panelName(panel: CurvePanel): string {
  return panel === "loss" ? "Loss" : "Accuracy";
}

function seriesOf(panel: CurvePanel, curves: RunCurves): readonly [Series, Series] {
  return [
    { name: "train", values: panel === "loss" ? curves.trainLoss : curves.trainAccuracy },
    { name: "validation", values: panel === "loss" ? curves.valLoss : curves.valAccuracy },
  ];
}

function drawPanel(panel: CurvePanel, curves: RunCurves): string {
  const series = seriesOf(panel, curves);
  const values = series.flatMap((one) => one.values.filter(drawable));
  const name = `<text class="name" x="0" y="14">${panelName(panel)}</text>`;
  if (values.length === 0) {
    const note = `<text x="0" y="44">No finite value to draw</text>`;
    return name + note;
  }
  const epochs = epochScale(Math.max(...series.map((one) => one.values.length)));
  const scale = valueScale(values, panel === "accuracy" ? 1 : Number.POSITIVE_INFINITY, panel === "accuracy");
  const points = series.map((one) => pointsOf(one.values, epochs, scale));
  const lines = series.map((one, i) => drawLine(one.name, points[i] ?? [], panel, epochs.high <= MOST_DOTS));
  return name + drawAxes(epochs, scale) + lines.join("") + drawLabels(series, points);
}

function xOf(epoch: number, scale: Scale): number {
  if (scale.high === scale.low) return (PLOT.left + PLOT.right) / 2;
  return PLOT.left + 8 + ((epoch - scale.low) / (scale.high - scale.low)) * (PLOT.right - PLOT.left - 16);
}

function yOf(value: number, scale: Scale): number {
  return PLOT.bottom - ((value - scale.low) / (scale.high - scale.low)) * (PLOT.bottom - PLOT.top);
}

function pointsOf(values: readonly number[], epochs: Scale, scale: Scale): Point[] {
  return values.flatMap((value, i) =>
    drawable(value) ? [{ epoch: i + 1, value, x: xOf(i + 1, epochs), y: yOf(value, scale) }] : [],
  );
}

function drawAxes(epochs: Scale, scale: Scale): string {
  const rows = scale.ticks.map(({ value, text }, i) => {
    const y = coordinate(yOf(value, scale));
    const line = `<path class="${i === 0 ? "base" : "grid"}" d="M${PLOT.left} ${y}H${PLOT.right}"/>`;
    return `${line}<text class="tick end" x="${PLOT.left - 8}" y="${y}" dy=".35em">${text}</text>`;
  });
  const columns = epochs.ticks.map(({ value, text }) => {
    const x = coordinate(xOf(value, epochs));
    return `<text class="tick middle" x="${x}" y="${PLOT.bottom + 19}">${text}</text>`;
  });
  const axis = `<text class="tick" x="${PLOT.right + 11}" y="${PLOT.bottom + 19}">epoch</text>`;
  return rows.join("") + columns.join("") + axis;
}

function drawLine(name: Series["name"], points: readonly Point[], panel: CurvePanel, dots: boolean): string {
  const joined = (i: number): boolean => points[i]?.epoch === (points[i - 1]?.epoch ?? Number.NaN) + 1;
  const path = points.map(({ x, y }, i) => `${joined(i) ? "L" : "M"}${coordinate(x)} ${coordinate(y)}`).join("");
  const circles = points.map(({ epoch, value, x, y }, i) => {
    // A value between two gaps has no line, so without a dot it would not be seen.
    if (!dots && (joined(i) || joined(i + 1))) return "";
    const tip = `epoch ${epoch}: ${name} ${panel} ${numberText(value, panel)}`;
    return `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="2.75"><title>${tip}</title></circle>`;
  });
  return `<g class="${name}"><path d="${path}"/>${circles.join("")}</g>`;
}

/** Each line's name right of its last point; two that would touch are moved apart by the same distance. */
function drawLabels(series: readonly Series[], points: readonly (readonly Point[])[]): string {
  const labels = series.flatMap(({ name }, i) => {
    const last = points[i]?.at(-1);
    return last === undefined ? [] : [{ name, x: last.x + 10, y: last.y }];
  });
  labels.sort((a, b) => a.y - b.y);
  const [upper, lower] = labels;
  if (upper !== undefined && lower !== undefined && lower.y - upper.y < LABEL_DISTANCE) {
    const lowest = PLOT.bottom - 4 - LABEL_DISTANCE / 2;
    const middle = Math.min(Math.max((upper.y + lower.y) / 2, PLOT.top + LABEL_DISTANCE / 2), lowest);
    upper.y = middle - LABEL_DISTANCE / 2;
    lower.y = middle + LABEL_DISTANCE / 2;
  }
  return labels
    .map(
      ({ name, x, y }) =>
        `<text class="label ${name}" x="${coordinate(x)}" y="${coordinate(y)}" dy=".35em">${name}</text>`,
    )
    .join("");
}

function numberText(value: number, panel: CurvePanel): string {
  return panel === "accuracy" ? `${(value * 100).toFixed(2)}%` : value.toPrecision(4);
}

/** The curves in words: where each line starts and ends, and how many values are missing. */
function describe(panels: readonly CurvePanel[], curves: RunCurves): string {
  const sentences = panels.flatMap((panel) =>
    seriesOf(panel, curves).map(({ name, values }) => {
      const drawn = values.filter(drawable);
      const [first, last] = [drawn[0], drawn.at(-1)];
      if (first === undefined || last === undefined) return `${name} ${panel}: no finite value.`;
      const missing = values.length - drawn.length;
      const gaps = missing > 0 ? `, ${missing} not finite and left out` : "";
      const range = `from ${numberText(first, panel)} to ${numberText(last, panel)}`;
      return `${name} ${panel}: ${range}, epochs: ${values.length}${gaps}.`;
    }),
  );
  return sentences.join(" ");
}
