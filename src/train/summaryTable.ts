import { fixed } from "./fixed.ts";

/** One call of one module, as a row of the summary. Rows come in the order of the calls, a parent before its children. */
export interface SummaryRow {
  /** The module's type, as `Linear`. */
  readonly typeName: string;
  /** 0 for the model itself, 1 for its children, and so on. */
  readonly depth: number;
  /** The row's number among the rows of its depth, from 1. Not shown at depth 0. */
  readonly index: number;
  /** The shape of what the call returned. */
  readonly outputShape: readonly number[];
  /** Elements of all parameters of the module and the modules in it. */
  readonly params: number;
  /** Elements of the parameters that belong to the module itself and not to a module in it. */
  readonly ownParams: number;
  /** How many of `params` require a gradient. */
  readonly trainableParams: number;
  /** True if no module lies in this one. */
  readonly leaf: boolean;
  /** True from the second call of the same module on. */
  readonly recursive?: boolean;
}

/** The sums under the table. */
export interface SummaryTotals {
  readonly totalParams: number;
  readonly trainableParams: number;
  /** Multiplications with additions of one forward pass. */
  readonly multAdds: number;
  readonly inputBytes: number;
  /** Twice the outputs of the layers that have parameters: once forward, once for the gradient. */
  readonly forwardBackwardBytes: number;
  readonly paramsBytes: number;
}

const NAME_WIDTH = 40;
const COLUMN_WIDTH = 25;
/** A level of the tree takes 5 columns, and a wider first column grows in steps of 5. */
const INDENT = 5;

/**
 * torchinfo's text for a model: header, tree of modules, totals. The lines are separated by "\n"; the last one has none.
 *
 * A module without parameters of its own shows `--`; a leaf whose parameters are all frozen shows their number in
 * parentheses; a further call of a module with parameters shows `(recursive)`. Modules deeper than `maxDepth` are left
 * out, and those at `maxDepth` show all their parameters. Mult-adds are counted in M, G or T (never in less than M), sizes in 10⁶ bytes.
 *
 * @param maxDepth the deepest level shown; torchinfo's default is 3
 * @throws RangeError if `maxDepth` is not a whole number of at least 0
 * @see torchinfo 1.8.0, https://github.com/TylerYep/torchinfo
 */
export function summaryTable(rows: readonly SummaryRow[], totals: SummaryTotals, maxDepth = 3): string {
  if (!Number.isInteger(maxDepth) || maxDepth < 0) {
    throw new RangeError(`summaryTable: maxDepth must be a whole number of at least 0, got ${maxDepth}`);
  }
  const nameWidth = widthOfNames(rows);
  const rule = "=".repeat(nameWidth + 2 * COLUMN_WIDTH);
  const line = (name: string, shape: string, params: string): string =>
    `${pad(name, nameWidth)} ${pad(shape, COLUMN_WIDTH)} ${params}`.trimEnd();
  const shown = rows.filter((row) => row.depth <= maxDepth);
  return [
    rule,
    line("Layer (type:depth-idx)", "Output Shape", "Param #"),
    rule,
    ...shown.map((row) => line(branch(row.depth) + title(row), shapeText(row), paramsText(row, maxDepth))),
    rule,
    ...totalLines(totals),
    rule,
    ...sizeLines(totals),
    rule,
  ].join("\n");
}

/** torchinfo counts the rows it does not show, too. */
function widthOfNames(rows: readonly SummaryRow[]): number {
  const longest = Math.max(0, ...rows.map((row) => lengthOf(title(row)) + row.depth * INDENT + 1));
  return longest >= NAME_WIDTH ? Math.ceil(longest / INDENT) * INDENT : NAME_WIDTH;
}

function title(row: SummaryRow): string {
  return row.depth === 0 ? row.typeName : `${row.typeName}: ${row.depth}-${row.index}`;
}

function branch(depth: number): string {
  if (depth === 0) return "";
  return depth === 1 ? "├─" : `${"│    ".repeat(depth - 1)}└─`;
}

function shapeText(row: SummaryRow): string {
  return row.outputShape.length === 0 ? "--" : `[${row.outputShape.join(", ")}]`;
}

function paramsText(row: SummaryRow, maxDepth: number): string {
  if (row.params === 0) return "--";
  if (row.recursive) return "(recursive)";
  if (row.leaf || row.depth === maxDepth) {
    return row.trainableParams > 0 ? thousands(row.params) : `(${thousands(row.params)})`;
  }
  return row.ownParams > 0 ? thousands(row.ownParams) : "--";
}

function totalLines({ totalParams, trainableParams, multAdds }: SummaryTotals): string[] {
  return [
    `Total params: ${thousands(totalParams)}`,
    `Trainable params: ${thousands(trainableParams)}`,
    `Non-trainable params: ${thousands(totalParams - trainableParams)}`,
    `Total mult-adds ${multAddsText(multAdds)}`,
  ];
}

function sizeLines({ inputBytes, forwardBackwardBytes, paramsBytes }: SummaryTotals): string[] {
  return [
    `Input size (MB): ${megabytes(inputBytes)}`,
    `Forward/backward pass size (MB): ${megabytes(forwardBackwardBytes)}`,
    `Params size (MB): ${megabytes(paramsBytes)}`,
    `Estimated Total Size (MB): ${megabytes(inputBytes + forwardBackwardBytes + paramsBytes)}`,
  ];
}

function multAddsText(count: number): string {
  const [unit, size] = count >= 1e12 ? ["T", 1e12] : count >= 1e9 ? ["G", 1e9] : ["M", 1e6];
  const value = count / size;
  return `(${unit}): ${thousands(value)}`;
}

function megabytes(bytes: number): string {
  return fixed(bytes / 1e6, 2);
}

/** A whole number as it is, any other with two decimals; a comma after each three digits before the point. */
function thousands(value: number): string {
  const [whole = "", decimals] = (Number.isInteger(value) ? String(value) : fixed(value, 2)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}

/** Padded by code points, as Python counts. */
function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}

function lengthOf(text: string): number {
  return [...text].length;
}
