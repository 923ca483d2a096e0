import type { TensorInfo } from "../io/safetensors/header.ts";
import type { ModelHeader } from "./modelFile.ts";
import { printable, type Screen, thousands, wrap } from "./screen.ts";

const GAP = "  ";
const HEADS = ["Tensor", "Dtype", "Shape", "Param #", "Bytes"] as const;
/** Columns of numbers end where their heads end. */
const ALIGN_RIGHT = [false, false, false, true, true];
/** A name is not cut to fewer columns than these. */
const SHORTEST_NAME = 12;

/** Elements of a tensor; 1 for a scalar. */
export const elementsOf = ({ shape }: TensorInfo): number => shape.reduce((n, size) => n * size, 1);

/** A cell cut in its middle: both ends of a dotted name tell something. */
function cut(text: string, width: number): string {
  const points = [...text];
  if (points.length <= width) return text;
  const left = Math.floor((width - 1) / 2);
  return `${points.slice(0, left).join("")}…${points.slice(points.length - (width - 1 - left)).join("")}`;
}

const lengthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, width - lengthOf(text)));
  return right ? space + text : text + space;
}

/** Which columns fit: on a narrow screen first the bytes go, then the dtypes. */
function columnsThatFit(widths: readonly number[], columns: number): number[] {
  const total = (chosen: readonly number[]): number =>
    chosen.reduce((sum, i) => sum + (i === 0 ? Math.min(widths[0] ?? 0, SHORTEST_NAME) : (widths[i] ?? 0)), 0) +
    GAP.length * (chosen.length - 1);
  const choices = [
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3],
    [0, 2, 3],
  ];
  return choices.find((chosen) => total(chosen) <= columns) ?? [0, 2, 3];
}

/**
 * The tensors of a safetensors file as a table: names, dtypes, shapes, parameters, bytes; totals and metadata below.
 *
 * On a terminal it is as wide as the screen at most: columns are left out and names cut. Elsewhere nothing is.
 *
 * @param path what the file is called
 * @returns the text, without a final line break
 */
export function tensorTable(path: string, header: ModelHeader, screen: Screen): string {
  const { paint } = screen;
  const { infos, metadata, bytes } = header;
  const rows = infos.map((info) => [
    printable(info.name),
    info.dtype,
    `[${info.shape.join(", ")}]`,
    thousands(elementsOf(info)),
    thousands(info.end - info.begin),
  ]);
  const widths = HEADS.map((head, i) => Math.max(head.length, ...rows.map((row) => lengthOf(row[i] ?? ""))));
  const limit = screen.isTerminal ? screen.columns : Number.POSITIVE_INFINITY;
  const chosen = columnsThatFit(widths, limit);
  const others = chosen.slice(1).reduce((sum, i) => sum + GAP.length + (widths[i] ?? 0), 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(SHORTEST_NAME, limit - others));
  const line = (cells: readonly string[]): string =>
    chosen
      .map((i) => pad(cut(cells[i] ?? "", widths[i] ?? 0), widths[i] ?? 0, ALIGN_RIGHT[i] === true))
      .join(GAP)
      .trimEnd();
  const rule = paint("dim", "=".repeat((widths[0] ?? 0) + others));
  const params = infos.reduce((sum, info) => sum + elementsOf(info), 0);
  return [
    rule,
    paint("bold", line(HEADS)),
    rule,
    ...rows.map(line),
    rule,
    `Tensors: ${thousands(infos.length)}`,
    `Total params: ${thousands(params)}`,
    ...wrap(`File: ${printable(path)}, ${thousands(bytes)} bytes`, limit),
    ...(metadata.size > 0 ? [rule, "Metadata:", ...metadataLines(metadata, limit)] : []),
    rule,
  ].join("\n");
}

/** One entry a line, or more where a value is long. */
function metadataLines(metadata: ReadonlyMap<string, string>, limit: number): string[] {
  return Array.from(metadata).flatMap(([key, value]) => {
    const [first = "", ...rest] = wrap(`${printable(key)}: ${printable(value)}`, Math.min(limit, 100) - 4);
    return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
}
