// Draws the pictures of docs/dropout.md from docs/measured/dropout.json: `node scripts/dropoutPictures.mjs`. With `--check`
// it only compares them with what is there.
import { readFileSync, writeFileSync } from "node:fs";
import { path } from "./setup.mjs";
import { coordinate, line, plot, sheet, text } from "./svg.mjs";

const measured = JSON.parse(readFileSync(path("docs/measured/dropout.json"), "utf8"));
const SEED = 0;
const LOW = 0;
const HIGH = 0.5;

const curveOf = (p) => measured.curves.find((curve) => curve.p === p && curve.seed === SEED);
const { epochs, images } = measured.setting;
const setting = `${images.toLocaleString("en")} images, ${epochs} epochs, seed ${SEED}`;

/** Four lines: training dotted, validation solid, without dropout blue, with it orange. */
function curves({ kind, name, top, ys, yTicks, show, labels }) {
  const frame = plot({
    top,
    bottom: 232,
    right: 286,
    xs: [1, epochs],
    ys,
    xTicks: [1, 20, 40, 60],
    yTicks,
    xName: "epoch",
    show,
  });
  const isInside = (value) => value >= ys[0] && value <= ys[1];
  const draw = (values, classes) => {
    const points = values.map((value, i) => [frame.x(i + 1), frame.y(value)]);
    return line(points.slice(values.findIndex(isInside)), classes); // the first epochs may lie far outside
  };
  const drawn = [LOW, HIGH].flatMap((p) => {
    const colour = p === LOW ? "blue" : "orange";
    return [draw(curveOf(p)[`train${kind}`], `${colour} thin`), draw(curveOf(p)[`val${kind}`], colour)];
  });
  const named = labels.map(([value, content, colour]) => text(294, frame.y(value) + 4, content, `label ${colour}`));
  return (
    text(16, 24, name, "name") +
    text(16, 42, `${setting}; dotted: training`) +
    frame.axes +
    drawn.join("") +
    named.join("")
  );
}

const last = (p, name) => curveOf(p)[name].at(-1);
const tell = (name) => `without dropout ${last(LOW, name)}, with p = ${HIGH} ${last(HIGH, name)}`;

function lossPicture() {
  const labels = [
    [last(LOW, "valLoss"), "without", "blue"],
    [last(HIGH, "valLoss"), `p = ${HIGH}`, "orange"],
    [0.03, "training", ""],
  ];
  const show = (value) => value.toFixed(1);
  const ys = { ys: [0, 1], yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1], show };
  const description = `Validation loss after ${epochs} epochs: ${tell("valLoss")}. Training loss: ${tell("trainLoss")}. Without dropout the validation loss rises again after some epochs; losses above 1 are cut off.`;
  const content = curves({ kind: "Loss", name: "Loss, with and without dropout", top: 60, ...ys, labels });
  return sheet({ height: 266, title: "Loss by epoch, with and without dropout", description, content });
}

function accuracyPicture() {
  const labels = [
    [last(LOW, "valAccuracy") - 0.008, "without", "blue"],
    [last(HIGH, "valAccuracy") + 0.006, `p = ${HIGH}`, "orange"],
    [0.995, "training", ""],
  ];
  const show = (value) => `${Math.round(value * 100)}%`;
  const ys = { ys: [0.8, 1], yTicks: [0.8, 0.85, 0.9, 0.95, 1], show };
  const description = `Validation accuracy after ${epochs} epochs: ${tell("valAccuracy")}. Training accuracy: ${tell("trainAccuracy")}. Accuracies below 80 percent are cut off.`;
  const content = curves({ kind: "Accuracy", name: "Accuracy, with and without dropout", top: 60, ...ys, labels });
  return sheet({ height: 266, title: "Accuracy by epoch, with and without dropout", description, content });
}

/** One small square for each unit of each sample: full where it is kept. */
function maskPicture() {
  const CELL = 5.75;
  const blocks = measured.masks.map(({ p, kept, rows }, i) => {
    const top = 66 + i * 124;
    const squares = (bit) =>
      rows.flatMap((row, r) => Array.from(row, (each, c) => (each === bit ? `M${c} ${r}h.8` : ""))).join("");
    const drawn = `<path class="cell dropped" d="${squares("0")}"/><path class="cell kept" d="${squares("1")}"/>`;
    const at = `translate(16 ${coordinate(top + CELL / 2)}) scale(${CELL})`;
    return `${text(16, top - 8, `p = ${p}: ${(kept * 100).toFixed(1)}% kept`)}<g transform="${at}">${drawn}</g>`;
  });
  const { samples, units, seed } = measured.mask;
  const told = measured.masks.map(({ p, kept }) => `${(kept * 100).toFixed(1)} percent kept at p = ${p}`).join(", ");
  const description = `Three masks of ${samples} samples by ${units} units, a full square for a unit that is kept: ${told}. Every row differs from the others.`;
  const name = `Masks of a batch: ${samples} samples, ${units} units`;
  const content = text(16, 26, name, "name") + blocks.join("");
  return sheet({ height: 418, title: `${name}, seed ${seed}`, description, content });
}

/** Means stay at 1; variances follow p / (1 - p), the drawn line. */
function scalingPicture() {
  const { scaling, elements } = measured;
  const shared = { right: 330, xs: [0, 0.9], xTicks: [0, 0.3, 0.6, 0.9], xName: "p" };
  const mean = plot({
    top: 66,
    bottom: 166,
    ys: [0, 1.2],
    yTicks: [0, 0.4, 0.8, 1.2],
    show: (v) => v.toFixed(1),
    ...shared,
  });
  const variance = plot({ top: 250, bottom: 356, ys: [0, 9], yTicks: [0, 3, 6, 9], ...shared });
  const dots = (frame, name) =>
    scaling.map(
      (row) => `<circle class="dot" cx="${coordinate(frame.x(row.p))}" cy="${coordinate(frame.y(row[name]))}" r="4"/>`,
    );
  const theory = Array.from({ length: 91 }, (_, i) => i / 100).map((p) => [variance.x(p), variance.y(p / (1 - p))]);
  const plain = line(
    scaling.map(({ p, kept }) => [mean.x(p), mean.y(kept)]),
    "blue thin",
  );
  const one = line(
    [
      [mean.x(0), mean.y(1)],
      [mean.x(0.9), mean.y(1)],
    ],
    "blue",
  );
  const parts = [
    text(16, 26, "Mean of what becomes of 1", "name"),
    text(16, 44, `dots: measured over ${elements.toLocaleString("en")} masks; line: 1`),
    mean.axes + plain + one + dots(mean, "mean").join(""),
    text(mean.x(0.45) - 8, mean.y(0.45), "not scaled: 1 − p", "label blue end"),
    text(16, 212, "Variance", "name"),
    text(16, 230, "line: p / (1 − p)"),
    variance.axes + line(theory, "blue") + dots(variance, "variance").join(""),
  ];
  const rows = scaling.map(({ p, mean, variance }) => `p ${p}: ${mean}, ${variance}`).join("; ");
  const description = `Mean and variance of the results for an input of 1, by p: ${rows}. The mean stays 1; the variance is p / (1 - p).`;
  return sheet({
    height: 390,
    title: "Mean and variance of scaled dropout by p",
    description,
    content: parts.join(""),
  });
}

const pictures = { loss: lossPicture(), accuracy: accuracyPicture(), mask: maskPicture(), scaling: scalingPicture() };
const isCheck = process.argv.includes("--check");
for (const [name, svg] of Object.entries(pictures)) {
  const file = path(`docs/images/dropout-${name}.svg`);
  if (!isCheck) writeFileSync(file, svg);
  else if (readFileSync(file, "utf8") !== svg) throw new Error(`${file} is not what docs/measured/dropout.json gives`);
}
