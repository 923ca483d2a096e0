import { fixed } from "../train/fixed.ts";
import type { EvalResult } from "./evalJob.ts";
import { type Screen, thousands } from "./screen.ts";

const LABEL_WIDTH = 5;
const ACCURACY_WIDTH = 10;

/** Right predictions / samples of each class; NaN for a class without samples. */
export const classAccuracies = (confusion: EvalResult["confusion"]): number[] =>
  confusion.map((row, label) => (row[label] ?? 0) / row.reduce((sum, n) => sum + n, 0));

/**
 * Which classes are taken for which: a row for each label, a column for each prediction, and the row's accuracy. A screen
 * that is too narrow gets the accuracies and the likeliest mistake of each class instead.
 *
 * @returns the text, without a final line break
 */
export function confusionTable({ classes, confusion }: EvalResult, screen: Screen): string {
  const longest = Math.max(...confusion.flat().map((n) => String(n).length), ...classes.map((name) => name.length));
  const width = longest + 2;
  const wide = LABEL_WIDTH + classes.length * width + ACCURACY_WIDTH;
  return wide <= screen.columns ? matrix(classes, confusion, width, screen) : list(classes, confusion, screen);
}

function matrix(
  classes: readonly string[],
  confusion: EvalResult["confusion"],
  width: number,
  { paint }: Screen,
): string {
  const accuracies = classAccuracies(confusion);
  const heads = classes.map((name) => name.padStart(width)).join("");
  const rows = confusion.map((row, label) => {
    const most = Math.max(...row.filter((_, prediction) => prediction !== label));
    const cells = row.map((n, prediction) => {
      const cell = (n === 0 ? "·" : String(n)).padStart(width);
      if (prediction === label) return paint("green", cell);
      return n === 0 ? paint("dim", cell) : n === most ? paint("yellow", cell) : cell;
    });
    const accuracy = fixed(accuracies[label] ?? Number.NaN, 5).padStart(ACCURACY_WIDTH);
    return `${(classes[label] ?? "").padStart(LABEL_WIDTH)}${cells.join("")}${accuracy}`;
  });
  const over = `${" ".repeat(LABEL_WIDTH + width - 1)}predicted`;
  return [
    paint("dim", over),
    paint("bold", `${"label".padStart(LABEL_WIDTH)}${heads}${"accuracy".padStart(ACCURACY_WIDTH)}`),
    ...rows,
  ].join("\n");
}

function list(classes: readonly string[], confusion: EvalResult["confusion"], { paint }: Screen): string {
  const accuracies = classAccuracies(confusion);
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    const others = row.map((n, prediction) => (prediction === label ? 0 : n));
    const most = Math.max(...others);
    const taken = most === 0 ? "·" : `${classes[others.indexOf(most)]} (${most} times)`;
    const accuracy = fixed(accuracies[label] ?? Number.NaN, 5).padStart(ACCURACY_WIDTH);
    const name = (classes[label] ?? "").padStart(LABEL_WIDTH);
    return `${name}${accuracy}${thousands(total).padStart(8)}  ${paint(most === 0 ? "dim" : "yellow", taken)}`;
  });
  const head = `${"label".padStart(LABEL_WIDTH)}${"accuracy".padStart(ACCURACY_WIDTH)}${"images".padStart(8)}  taken for`;
  return [paint("bold", head), ...rows].join("\n");
}
