import { curvesSvg, type RunCurves } from "./chart.ts";
import { escapeMarkup } from "./markup.ts";
import { REPORT_STYLE } from "./reportStyle.ts";

/**
 * How a run ended: all epochs done, stopped early for want of improvement, or aborted from outside.
 *
 * @inline
 */
export type RunStatus = "completed" | "stopped" | "aborted";

/**
 * What `reportHtml` tells about a run: what `fit` returned, and what the run was.
 *
 * @category Pictures
 */
export interface RunReport extends RunCurves {
  /** Wall time of the run in seconds. */
  readonly seconds: number;
  /** How it ended: all epochs done, stopped early for want of improvement, or aborted. */
  readonly status: RunStatus;
  /** The heading of the page. */
  readonly title: string;
  /** Pairs of a label and its value, in the order in which they are shown. */
  readonly settings: readonly (readonly [label: string, value: string | number])[];
  /** The model's summary, as `summary` returns it. */
  readonly summary: string;
  /** The device that computed, as `cpu`. */
  readonly device: string;
}

const STATUS_TEXT: Readonly<Record<RunStatus, string>> = {
  completed: "Completed",
  stopped: "Stopped early",
  aborted: "Aborted",
};

/**
 * One run as a self-contained HTML page: results, curves, epochs, settings, model. It has no script and loads nothing; it
 * follows the reader's light or dark scheme, reads at 360 px and prints. Every text is escaped; values that are NaN or
 * infinite are named in the table and leave a gap in the curves.
 *
 * @param run any number of epochs, also none
 * @returns the page, from `<!doctype html>` on, ended by a line break
 * @category Pictures
 */
export function reportHtml(run: RunReport): string {
  const title = escapeMarkup(run.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
${REPORT_STYLE}
</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="sub">${escapeMarkup(headline(run))}</p>
</header>
${results(run)}
${charts(run)}
<div class="columns">
${epochTable(run)}
${settings(run)}
</div>
<section class="model">
<h2 id="model">Model</h2>
<pre tabindex="0" role="region" aria-labelledby="model">${escapeMarkup(run.summary)}</pre>
</section>
</main>
</body>
</html>
`;
}

function epochsOf(run: RunCurves): number {
  return Math.max(run.trainLoss.length, run.trainAccuracy.length, run.valLoss.length, run.valAccuracy.length);
}

function headline(run: RunReport): string {
  const epochs = epochsOf(run);
  const parts = [`${epochs} ${epochs === 1 ? "epoch" : "epochs"}`, durationText(run.seconds), run.device];
  return `${STATUS_TEXT[run.status]} · ${parts.join(" · ")}`;
}

function charts(run: RunReport): string {
  if (epochsOf(run) === 0) return "";
  const loss = curvesSvg(run, { panels: ["loss"], id: "loss" });
  const accuracy = curvesSvg(run, { panels: ["accuracy"], id: "accuracy" });
  return `<div class="charts">\n${loss}\n${accuracy}\n</div>`;
}

function results(run: RunReport): string {
  const epochs = epochsOf(run);
  const last = epochs - 1;
  const best = indexOfBest(run.valLoss, (a, b) => a < b);
  const perEpoch = epochs > 0 ? `${durationText(run.seconds / epochs)} per epoch` : "";
  const beside = (text: string): string => (epochs > 0 ? `train ${text}` : "");
  const items = [
    ["Validation accuracy", percentText(run.valAccuracy[last]), beside(percentText(run.trainAccuracy[last]))],
    ["Validation loss", lossText(run.valLoss[last]), beside(lossText(run.trainLoss[last]))],
    ["Lowest validation loss", lossText(run.valLoss[best]), best < 0 ? "" : `in epoch ${best + 1}`],
    ["Time", durationText(run.seconds), perEpoch],
  ];
  const tiles = items.map(
    ([label, value, note]) => `<div><dt>${label}</dt><dd><strong>${value}</strong>${note}</dd></div>`,
  );
  return `<dl class="results">\n${tiles.join("\n")}\n</dl>`;
}

function epochTable(run: RunReport): string {
  const lowest = indexOfBest(run.valLoss, (a, b) => a < b);
  const highest = indexOfBest(run.valAccuracy, (a, b) => a > b);
  const cell = (text: string, best: boolean): string => `<td${best ? ' class="best"' : ""}>${text}</td>`;
  const rows = Array.from({ length: epochsOf(run) }, (_, i) => {
    const train = cell(lossText(run.trainLoss[i]), false) + cell(percentText(run.trainAccuracy[i]), false);
    const validation =
      cell(lossText(run.valLoss[i]), i === lowest) + cell(percentText(run.valAccuracy[i]), i === highest);
    return `<tr><th scope="row">${i + 1}</th>${train}${validation}</tr>`;
  });
  const heading = '<section>\n<h2 id="epochs">Epochs</h2>';
  if (rows.length === 0) return `${heading}\n<p class="none">The run ended before its first epoch did.</p>\n</section>`;
  return `${heading}
<table aria-labelledby="epochs">
<caption>Bold: the lowest validation loss and the highest validation accuracy.</caption>
<thead>
<tr><th scope="col">Epoch</th><th scope="col" class="train">Train<br>loss</th>\
<th scope="col" class="train">Train<br>accuracy</th><th scope="col" class="validation">Validation<br>loss</th>\
<th scope="col" class="validation">Validation<br>accuracy</th></tr>
</thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</section>`;
}

function settings(run: RunReport): string {
  const pairs = run.settings.map(
    ([label, value]) => `<div><dt>${escapeMarkup(label)}</dt><dd>${escapeMarkup(String(value))}</dd></div>`,
  );
  return `<section>\n<h2>Settings</h2>\n<dl class="settings">\n${pairs.join("\n")}\n</dl>\n</section>`;
}

/** The first place of the best finite value, or −1 if there is none. */
function indexOfBest(values: readonly number[], better: (a: number, b: number) => boolean): number {
  return values.reduce((best, value, i) => {
    const champion = values[best];
    return Number.isFinite(value) && (champion === undefined || better(value, champion)) ? i : best;
  }, -1);
}

function lossText(value: number | undefined): string {
  if (value === undefined) return "–";
  if (!Number.isFinite(value)) return notFiniteText(value);
  return Math.abs(value) >= 1e5 ? value.toExponential(3).replace("e+", "e") : value.toFixed(5);
}

function percentText(value: number | undefined): string {
  if (value === undefined) return "–";
  return Number.isFinite(value) ? `${(value * 100).toFixed(2)}%` : notFiniteText(value);
}

function notFiniteText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

/** Seconds as "8.42 s", "3 min 28 s" or "2 h 05 min". */
function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
