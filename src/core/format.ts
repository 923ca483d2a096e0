import type { DType } from "./dtype.ts";
import { ShapeError } from "./errors.ts";
import { fixedText, scientificText } from "./formatNumber.ts";
import type { Shape } from "./shape.ts"; // the type alone: for what two files import, bundlers make a third

// torch.set_printoptions' defaults.
const PRECISION = 4;
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;
const LINE_WIDTH = 80;

const PREFIX = "tensor(";

/** What autograd adds to the text of a tensor: `grad_fn=<…>` goes before `requires_grad=True`, which a leaf shows. */
export interface FormatSuffix {
  /** Name of the function that made the tensor, e.g. `AddmmBackward0`. */
  readonly gradFn?: string | undefined;
  /** True for a leaf that collects a gradient; not shown where `gradFn` is. */
  readonly requiresGrad?: boolean | undefined;
}

/** How the elements of one tensor are written: all of them right-aligned in `width` characters. */
interface ElementFormat {
  readonly width: number;
  write(value: number): string;
}

const boolText = (value: number): string => (value === 0 ? "False" : "True");

/** PyTorch's choice between whole (`1.`), fixed (`1.5000`) and scientific (`1.0000e-05`) text for these values. */
function floatText(values: readonly number[]): (value: number) => string {
  let min = Infinity;
  let max = 0;
  let whole = true;
  for (const value of values) {
    const size = Math.abs(value);
    if (!(size > 0 && size < Infinity)) continue;
    min = Math.min(min, size);
    max = Math.max(max, size);
    whole &&= Number.isInteger(value);
  }
  const scientific = max > 0 && (max / min > 1000 || max > 1e8 || (!whole && min < 1e-4));
  if (scientific) return (value) => scientificText(value, PRECISION);
  if (!whole) return (value) => fixedText(value, PRECISION);
  return (value) => (Number.isFinite(value) ? `${fixedText(value, 0)}.` : fixedText(value, 0));
}

function elementFormat(values: readonly number[], dtype: DType): ElementFormat {
  const write = dtype === "float32" ? floatText(values) : dtype === "bool" ? boolText : String;
  let width = 1;
  for (const value of values) {
    // PyTorch measures only these, so a column of `1.` that holds an `inf` is not aligned.
    if (dtype !== "float32" || (Number.isFinite(value) && value !== 0)) width = Math.max(width, write(value).length);
  }
  return { width, write: (value) => write(value).padStart(width) };
}

/** The indices of a dimension that are shown; -1 stands for the ellipsis. */
function shownIndices(size: number, summarize: boolean): number[] {
  if (!summarize || size <= 2 * EDGE_ITEMS) return Array.from({ length: size }, (_, i) => i);
  const shown = [];
  for (let i = 0; i < EDGE_ITEMS; i++) shown.push(i);
  shown.push(-1);
  for (let i = size - EDGE_ITEMS; i < size; i++) shown.push(i);
  return shown;
}

/** Row-major positions of those of `n` elements that are shown. */
function shownOffsets(n: number, shape: Shape, summarize: boolean): number[] {
  let offsets = [0];
  let step = n;
  for (const size of shape) {
    step /= size;
    const indices = shownIndices(size, summarize).filter((i) => i >= 0);
    offsets = offsets.flatMap((offset) => indices.map((i) => offset + i * step));
  }
  return offsets;
}

/** One row, broken into lines of at most LINE_WIDTH characters. */
function rowText(items: readonly string[], width: number, indent: number): string {
  const perLine = Math.max(1, Math.floor((LINE_WIDTH - indent) / (width + 2)));
  const lines = [];
  for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
  return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
}

/** The nested brackets of a tensor without empty dimensions. */
function bracketText(values: ArrayLike<number>, shape: Shape, summarize: boolean, element: ElementFormat): string {
  const at = (offset: number): string => element.write(values[offset] ?? Number.NaN);
  const nest = (d: number, offset: number, n: number, indent: number): string => {
    const size = shape[d];
    if (size === undefined) return at(offset);
    const step = n / size;
    const last = d === shape.length - 1;
    const items = shownIndices(size, summarize).map((i) => {
      if (i < 0) return last ? " ..." : "...";
      return last ? at(offset + i) : nest(d + 1, offset + i * step, step, indent + 1);
    });
    if (last) return rowText(items, element.width, indent);
    return `[${items.join(`,${"\n".repeat(shape.length - 1 - d)}${" ".repeat(indent + 1)}`)}]`;
  };
  return nest(0, 0, values.length, PREFIX.length);
}

/** Appends the suffixes and the closing parenthesis; a suffix that would cross LINE_WIDTH starts a line. */
function withSuffixes(text: string, suffixes: readonly string[]): string {
  let out = text;
  // The two characters more are PyTorch's own count, which decides where lines break.
  let lineLength = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > LINE_WIDTH) {
      out += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      lineLength = PREFIX.length + suffix.length;
    } else {
      out += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${out})`;
}

function suffixesOf(shape: Shape, dtype: DType, empty: boolean, suffix: FormatSuffix): string[] {
  const suffixes = [];
  if (empty && shape.length !== 1) suffixes.push(`size=(${shape.join(", ")})`);
  // Elements tell float32, int32 and bool apart; where there are none only the default dtype goes unsaid.
  if (dtype === "uint8" || (empty && dtype !== "float32")) suffixes.push(`dtype=torch.${dtype}`);
  if (suffix.gradFn !== undefined) suffixes.push(`grad_fn=<${suffix.gradFn}>`);
  else if (suffix.requiresGrad === true) suffixes.push("requires_grad=True");
  return suffixes;
}

/**
 * The text that PyTorch prints for a tensor, letter by letter: 4 decimals, lines of 80 characters, 3 items at each end of a
 * dimension once there are more than 1000 elements. Scientific form where the greatest size is over 1000 times the least
 * (zeros and non-finite values aside) or over 1e8, or where a value that is not whole is under 1e-4.
 * int32 is the default integer and shows no dtype, as int64 shows none in PyTorch.
 *
 * @param values the elements, row-major; float32 values are rounded to float32, bool is 0 or 1
 * @param shape its sizes; their product is the number of values
 * @param suffix what autograd adds
 * @throws ShapeError if `values` does not hold as many elements as `shape`
 * @see torch/_tensor_str.py
 */
export function formatTensor(values: ArrayLike<number>, shape: Shape, dtype: DType, suffix: FormatSuffix = {}): string {
  const n = shape.reduce((product, size) => product * size, 1);
  if (values.length !== n)
    throw new ShapeError(`format: shape [${shape.join(", ")}] needs ${n} values, got ${values.length}`);
  const suffixes = suffixesOf(shape, dtype, n === 0, suffix);
  if (n === 0) return withSuffixes(`${PREFIX}[]`, suffixes);
  const summarize = n > THRESHOLD;
  const shown = shownOffsets(n, shape, summarize).map((offset) => values[offset] ?? Number.NaN);
  const round = dtype === "float32" ? Math.fround : (value: number) => value;
  const format = elementFormat(shown.map(round), dtype);
  const element: ElementFormat = { width: format.width, write: (value) => format.write(round(value)) };
  return withSuffixes(PREFIX + bracketText(values, shape, summarize, element), suffixes);
}
