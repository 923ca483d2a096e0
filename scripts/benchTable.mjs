// Numbers of a benchmark run: medians with their spread, ratios within rounds, and one table that is aligned and Markdown.

/** A part of the variance that may be left within two groups that are two: cut evenly, a uniform spread leaves a quarter. */
const LEFT_WITHIN = 0.1;
/** Centres nearer than this are one: machines are noisy. */
const APART = 1.15;

const middle = (sorted) => {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

/** The sum of the squared distances from the mean. */
function scatter(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/**
 * The two medians between which positive measurements jump, `[{ median, count }, …]`, the lower first; null where they gather
 * around one. Two groups of at least two values each, cut where least is scattered within them (Fisher's natural breaks).
 */
export function modes(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const cuts = sorted.slice(3).map((_, index) => index + 2);
  if (cuts.length === 0) return null;
  const within = (cut) => scatter(sorted.slice(0, cut)) + scatter(sorted.slice(cut));
  const cut = cuts.reduce((best, each) => (within(each) < within(best) ? each : best));
  const groups = [sorted.slice(0, cut), sorted.slice(cut)].map((group) => ({
    median: middle(group),
    count: group.length,
  }));
  const isOne = within(cut) > LEFT_WITHIN * scatter(sorted) || groups[1].median < APART * groups[0].median;
  return isOne ? null : groups;
}

/** `{ median, min, max }` of a non-empty list, and `modes` where it has two. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const both = modes(values);
  return { median: middle(sorted), min: sorted[0], max: sorted.at(-1), ...(both && { modes: both }) };
}

/** Median over the rounds of ours / theirs: both values of a pair were measured within seconds of each other. */
export function pairedRatio(ours, theirs) {
  const pairs = Math.min(ours.length, theirs.length);
  if (pairs === 0) return null;
  return spread(Array.from({ length: pairs }, (_, round) => ours[round] / theirs[round])).median;
}

/** Rows of text as an aligned Markdown table; the first column is flush left, the others flush right. */
export function markdownTable(header, rows) {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length), 3));
  const line = (row) =>
    `| ${row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

/** `3.46 (3.40–3.61)`, the median alone where there was one measurement, or both modes: `3.46 (5 × 3.4, 4 × 6.1)`. */
export function showSpread({ median, min, max, modes: both }, show) {
  if (both) return `${show(median)} (${both.map((mode) => `${mode.count} × ${show(mode.median)}`).join(", ")})`;
  return min === max ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}

/** A ratio with two decimals, or a dash where there is none. */
export const showRatio = (value) => (value === null || value === undefined ? "–" : value.toFixed(2));

/** Three significant digits, without an exponent: `1230`, `45.6`, `0.789`. */
export function threeDigits(value) {
  if (value === 0) return "0";
  const above = Math.floor(Math.log10(Math.abs(value))) - 2;
  return above > 0 ? String(Math.round(value / 10 ** above) * 10 ** above) : value.toFixed(Math.min(-above, 6));
}
