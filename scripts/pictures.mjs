// Draws the README's picture from a run: `node scripts/pictures.mjs RUN`, RUN being what `npm start -- --out RUN` wrote.
import { readFileSync, writeFileSync } from "node:fs";
import { curvesSvg } from "../build/train.js";
import { path } from "./setup.mjs";

const [run = "runs/readme"] = process.argv.slice(2);
const lines = readFileSync(`${run}/metrics.jsonl`, "utf8").trim().split("\n");
const epochs = lines.map((line) => JSON.parse(line)).filter(({ epoch }) => epoch !== undefined);
const of = (name) => epochs.map((epoch) => epoch[name]);
const curves = {
  trainLoss: of("trainLoss"),
  trainAccuracy: of("trainAccuracy"),
  valLoss: of("valLoss"),
  valAccuracy: of("valAccuracy"),
};
const title = "Loss and accuracy of the reference job by epoch";
writeFileSync(path("docs/images/curves.svg"), curvesSvg(curves, { background: true, title }));
