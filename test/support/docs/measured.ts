import { readFileSync } from "node:fs";

interface Curve {
  readonly p: number;
  readonly trainLoss: readonly number[];
  readonly trainAccuracy: readonly number[];
  readonly valLoss: readonly number[];
  readonly valAccuracy: readonly number[];
}

interface Scaling {
  readonly p: number;
  readonly kept: number;
  readonly scale: number;
  readonly mean: number;
  readonly variance: number;
}

interface Measured {
  readonly curves: readonly Curve[];
  readonly scaling: readonly Scaling[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const lastOf = (curves: readonly Curve[], name: Exclude<keyof Curve, "p">): number[] =>
  curves.map((curve) => curve[name].at(-1) ?? Number.NaN);

/** The rows that the README is to show of docs/measured/reference.txt: the last epoch of each run. */
export function referenceRows(): string[] {
  const runs = readFileSync("docs/measured/reference.txt", "utf8").trim().split("\n\n");
  return runs.map((run) => {
    const lines = run.split("\n");
    const numbers =
      lines
        .at(-1)
        ?.match(/\d\.\d+/g)
        ?.map(Number) ?? [];
    const [trainLoss = 0, trainAccuracy = 0, valLoss = 0, valAccuracy = 0] = numbers;
    const p = lines[0]?.replace(/.* /, "") ?? "";
    const cells = [trainLoss.toFixed(3), percent(trainAccuracy), valLoss.toFixed(3), percent(valAccuracy)];
    return row(p, ...cells, (valLoss - trainLoss).toFixed(3));
  });
}

/** The rows that docs/dropout.md is to show of docs/measured/dropout.json: after the last epoch, the gaps, the scaling. */
export function measuredRows(): string[][] {
  const { curves, scaling } = JSON.parse(readFileSync("docs/measured/dropout.json", "utf8")) as Measured;
  const rates = [...new Set(curves.map(({ p }) => p))];
  const groups = rates.map((p) => [p, curves.filter((curve) => curve.p === p)] as const);
  const ends = groups.map(([p, runs]) => {
    const accuracies = lastOf(runs, "valAccuracy");
    const losses = [mean(lastOf(runs, "trainLoss")).toFixed(4), percent(mean(lastOf(runs, "trainAccuracy")))];
    const range = [Math.min(...accuracies), Math.max(...accuracies)].map(percent);
    return row(p, ...losses, mean(lastOf(runs, "valLoss")).toFixed(3), percent(mean(accuracies)), ...range);
  });
  const gaps = groups.map(([p, runs]) => {
    const best = runs.map(({ valLoss }) => Math.min(...valLoss));
    const at = runs.map(({ valLoss }, i) => valLoss.indexOf(best[i] ?? Number.NaN) + 1);
    const gap = mean(lastOf(runs, "valLoss")) - mean(lastOf(runs, "trainLoss"));
    return row(p, gap.toFixed(3), mean(best).toFixed(3), median(at));
  });
  const scaled = scaling.map(({ p, kept, scale, mean, variance }) =>
    row(p, kept.toFixed(3), scale.toFixed(2), mean.toFixed(3), variance.toFixed(2), (p / (1 - p)).toFixed(2)),
  );
  return [ends, gaps, scaled];
}

/** Validation accuracies after the last epoch of every run with dropout `p`. */
export function accuraciesAt(p: number): number[] {
  const { curves } = JSON.parse(readFileSync("docs/measured/dropout.json", "utf8")) as Measured;
  return lastOf(
    curves.filter((curve) => curve.p === p),
    "valAccuracy",
  );
}
