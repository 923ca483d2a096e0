import type { Screen } from "./screen.ts";

/** Where torchinfo's second and third column begin, counted from the end of the rule. */
const TWO_COLUMNS = 50;
const COLUMN_WIDTH = 25;
const GAP = 2;

/**
 * torchinfo's table on a terminal that is narrower: the same lines with shorter rules and, if that is not enough,
 * with less space between the columns. Text for anything
 * but a terminal stays as it is, to the letter.
 *
 * @param table what `summary` gave
 */
export function narrowTable(table: string, { columns, isTerminal }: Screen): string {
  const lines = table.split("\n");
  const width = Math.max(...lines.filter(isRule).map((line) => line.length));
  if (!isTerminal || width <= columns) return table;
  const shortened = lines.map((line) => (isRule(line) ? "=".repeat(columns) : line));
  if (shortened.every((line) => lengthOf(line) <= columns)) return shortened.join("\n");
  const nameWidth = width - TWO_COLUMNS;
  const ends = [nameWidth, nameWidth + 1 + COLUMN_WIDTH];
  const rules = lines.flatMap((line, i) => (isRule(line) ? [i] : []));
  const isRow = (i: number): boolean => !isRule(lines[i] ?? "") && i < (rules[2] ?? 0);
  const cells = (line: string): string[] => {
    const points = [...line];
    return [points.slice(0, ends[0]), points.slice(ends[0], ends[1]), points.slice(ends[1])].map((part) =>
      part.join("").trim(),
    );
  };
  const rows = lines.map((line, i) => (isRow(i) ? cells(line) : []));
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => lengthOf(row[column] ?? ""))) + GAP);
  const narrow = (row: readonly string[]): string =>
    row.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - lengthOf(cell)))).join("");
  return lines
    .map((line, i) => (isRule(line) ? "=".repeat(columns) : isRow(i) ? narrow(rows[i] ?? []).trimEnd() : line))
    .map((line) => (lengthOf(line) <= columns ? line : `${[...line].slice(0, columns - 1).join("")}…`))
    .join("\n");
}

const lengthOf = (text: string): number => [...text].length;
const isRule = (line: string): boolean => /^=+$/.test(line);
