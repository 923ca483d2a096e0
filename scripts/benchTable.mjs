// Numbers of a benchmark run: medians with their spread, ratios within rounds, and one table that is aligned and Markdown.

/** `{ median, min, max }` of a non-empty list. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
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

/** `3.46 (3.40–3.61)`, or the median alone where there was one measurement. */
export function showSpread({ median, min, max }, show) {
  return min === max ? show(median) : `${show(median)} (${show(min)}–${show(max)})`;
}
