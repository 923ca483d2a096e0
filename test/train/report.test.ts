import { suite } from "uvu";
import * as assert from "uvu/assert";
import { curvesSvg } from "../../src/train/chart.ts";
import { type RunReport, reportHtml } from "../../src/train/report.ts";
import { epochScale, valueScale } from "../../src/train/scale.ts";

const run: RunReport = {
  trainLoss: [0.29718, 0.20175, 0.16657],
  trainAccuracy: [0.9316, 0.9511, 0.9609],
  valLoss: [0.29076, 0.17, 0.1711],
  valAccuracy: [0.9314, 0.9489, 0.9588],
  seconds: 208.18,
  status: "completed",
  title: "MNIST",
  settings: [["Batch size", 200]],
  summary: "├─Linear: 1-1",
  device: "cpu",
};

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Every `name="number"` coordinate and every number of a path in the markup. */
function coordinates(svg: string): string[] {
  const attributes = [...svg.matchAll(/ (?:x|y|cx|cy|d)="([^"]*)"/g)].map((match) => match[1] ?? "");
  return attributes.flatMap((text) => text.split(/[MLHV ]+/).filter((part) => part !== ""));
}

const report = suite("report");

report("is one page that has no script and loads nothing", () => {
  const page = reportHtml(run);
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /<\/html>\n$/);
  assert.match(page, "default-src 'none'");
  const loads = /<script|<link|<img|@import|url\(|\ssrc=|\shref=|https?:/i;
  assert.not.match(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', ""), loads);
});

report("names the last epoch's results, the best epoch and the time", () => {
  const page = reportHtml(run);
  assert.match(page, "Completed · 3 epochs · 3 min 28 s · cpu");
  assert.match(page, "<dt>Validation accuracy</dt><dd><strong>95.88%</strong>train 96.09%</dd>");
  assert.match(page, "<dt>Validation loss</dt><dd><strong>0.17110</strong>train 0.16657</dd>");
  assert.match(page, "<dt>Lowest validation loss</dt><dd><strong>0.17000</strong>in epoch 2</dd>");
});

report("lists every epoch and marks the best values", () => {
  const page = reportHtml(run);
  assert.is(count(page, '<th scope="row">'), 3);
  assert.match(
    page,
    '<th scope="row">2</th><td>0.20175</td><td>95.11%</td><td class="best">0.17000</td><td>94.89%</td>',
  );
  assert.match(page, '<td class="best">95.88%</td>');
});

report("escapes the title, the settings, the summary and the device", () => {
  const evil = `<b a="1" c='2'>&`;
  const page = reportHtml({ ...run, title: evil, settings: [[evil, evil]], summary: evil, device: evil });
  assert.not.match(page, "<b ");
  // The title stands in <title> and <h1>, a setting is two texts, then summary and device.
  assert.is(count(page, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;"), 6);
});

report("tells a run that ended before its first epoch", () => {
  const page = reportHtml({
    ...run,
    trainLoss: [],
    trainAccuracy: [],
    valLoss: [],
    valAccuracy: [],
    status: "aborted",
  });
  assert.match(page, "Aborted · 0 epochs");
  assert.match(page, "The run ended before its first epoch did.");
  assert.not.match(page, "NaN");
});

report("names values that are not finite and never calls them the best", () => {
  const valLoss = [Number.NEGATIVE_INFINITY, 0.5, Number.NaN];
  const page = reportHtml({ ...run, valLoss });
  assert.match(page, "<td>−∞</td>");
  assert.match(page, "<td>NaN</td>");
  assert.match(page, '<td class="best">0.50000</td>');
});

report("says in words what the curves show", () => {
  const svg = curvesSvg(run, { panels: ["loss"], id: "a" });
  assert.match(svg, 'role="img" aria-labelledby="a-title a-desc"');
  assert.match(svg, '<title id="a-title">Loss by epoch</title>');
  assert.match(svg, "train loss: from 0.2972 to 0.1666, epochs: 3. validation loss: from 0.2908 to 0.1711, epochs: 3.");
});

report("draws a dot for each of few epochs and none for a hundred", () => {
  assert.is(count(curvesSvg(run), "<circle"), 12);
  const many = Array.from({ length: 100 }, (_, i) => 1 / (i + 1));
  const svg = curvesSvg({ trainLoss: many, valLoss: many, trainAccuracy: many, valAccuracy: many });
  assert.is(count(svg, "<circle"), 0);
  assert.is(count(svg, 'class="tick middle"'), 2 * 6); // 1, 20, 40, 60, 80, 100 in each panel
});

report("draws a single epoch as two named dots", () => {
  const svg = curvesSvg(
    { trainLoss: [1], valLoss: [1.5], trainAccuracy: [0.5], valAccuracy: [0.5] },
    { panels: ["loss"] },
  );
  assert.is(count(svg, "<circle"), 2);
  assert.is(count(svg, 'class="label '), 2);
});

report("leaves a gap where a value is not finite, and no broken coordinate", () => {
  const broken = [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5, 6, -1.7e308, 1.7e308];
  const svg = curvesSvg({ trainLoss: broken, valLoss: broken, trainAccuracy: broken, valAccuracy: [] });
  const path = /class="train"><path d="([^"]*)"/.exec(svg)?.[1] ?? "";
  assert.is(count(path, "M"), 3); // epoch 1, epoch 3, epochs 5 and 6
  assert.is(count(path, "L"), 1);
  assert.match(svg, "epochs: 8, 4 not finite and left out");
  assert.is(coordinates(svg).filter((text) => !Number.isFinite(Number(text))).length, 0);
});

report("keeps the names at the line ends apart", () => {
  const same = [0.5, 0.5];
  const svg = curvesSvg(
    { trainLoss: same, valLoss: same, trainAccuracy: same, valAccuracy: same },
    { panels: ["loss"] },
  );
  const heights = [...svg.matchAll(/class="label [^>]* y="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.is(heights.length, 2);
  assert.ok(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0)) >= 16);
});

for (const [values, ceiling, percent, texts] of [
  [[0.0879, 0.29718], Number.POSITIVE_INFINITY, false, ["0.0", "0.1", "0.2", "0.3"]],
  [[0.9314, 0.97927], 1, true, ["93%", "94%", "95%", "96%", "97%", "98%"]],
  [[0.38, 0.999], 1, true, ["0%", "20%", "40%", "60%", "80%", "100%"]],
  [[1, 1], 1, true, ["99.0%", "99.2%", "99.4%", "99.6%", "99.8%", "100.0%"]],
  [[0], Number.POSITIVE_INFINITY, false, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
  [[-2, 3], Number.POSITIVE_INFINITY, false, ["-2", "-1", "0", "1", "2", "3"]],
  [[2e6, 9e6], Number.POSITIVE_INFINITY, false, ["0", "2.0e6", "4.0e6", "6.0e6", "8.0e6", "1.0e7"]],
] as const) {
  report(`puts round ticks on ${values.join(" … ")}`, () => {
    const scale = valueScale(values, ceiling, percent);
    assert.equal(
      scale.ticks.map((tick) => tick.text),
      [...texts],
    );
    assert.ok(scale.low <= Math.min(...values) && scale.high >= Math.max(...values));
  });
}

for (const [epochs, ticks] of [
  [1, [1]],
  [10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [12, [1, 2, 4, 6, 8, 10, 12]],
  [50, [1, 10, 20, 30, 40, 50]],
  [1000, [1, 200, 400, 600, 800, 1000]],
] as const) {
  report(`puts at most ten ticks on ${epochs} epochs`, () => {
    assert.equal(
      epochScale(epochs).ticks.map((tick) => tick.value),
      [...ticks],
    );
  });
}

report.run();
