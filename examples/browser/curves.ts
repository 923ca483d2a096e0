// The curves of a run, what they are at, and their numbers as a table.
import type { EpochInfo } from "torchlet/train";
import type { WorkerStep } from "torchlet/worker";
import { type Dot, drawChart, logAxis, type Mark, percentAxis } from "./chart.ts";
import { element } from "./element.ts";

/** How much of a smoothed value is the one before. */
const SMOOTHING = 0.8;
/** What PyTorch's notebook aims at. */
const TARGET = 0.98;
const MILLISECONDS_BETWEEN_PICTURES = 100;
/** Marks closer together than this part of the axis are one. */
const NEAR = 0.01;
/** Values that a line keeps: more than the screen has columns. */
const MOST = 2000;

const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
const number = (value: number): string => value.toPrecision(3);
const dropoutText = (p: number): string => `p ${p.toFixed(2)}`;

/** Loss and accuracy of one run after the other. */
export class Curves {
  readonly #lossChart = element("loss", SVGSVGElement);
  readonly #accuracyChart = element("accuracy", SVGSVGElement);
  readonly #numbers = element("numbers", HTMLTableSectionElement);
  #epochs = 1;
  #batches: Dot[] = [];
  #smooth: Dot[] = [];
  #results: EpochInfo[] = [];
  #marks: Mark[] = [];
  #p = 0;
  /** p of the newest batch: it may change while an epoch is measured, which uses none. */
  #usedP = 0;
  #average = 0;
  #weight = 0;
  #drawnAt = 0;
  #isDue = false;
  /** Whether the accuracies, or anything else in their chart, have changed since it was drawn. */
  #isAccuracyNew = true;

  constructor() {
    new ResizeObserver(() => this.#drawAll()).observe(this.#lossChart);
  }

  /** Begins anew. */
  clear(epochs: number, p: number): void {
    this.#epochs = epochs;
    this.#batches = [];
    this.#smooth = [];
    this.#results = [];
    this.#marks = [];
    this.#average = 0;
    this.#weight = 0;
    this.#numbers.replaceChildren();
    this.setDropout(p);
    this.#drawAll();
  }

  /** How long the x axis is. */
  setEpochs(epochs: number): void {
    this.#epochs = epochs;
    this.#drawAll();
  }

  /** Marks where dropout changed; the changes of one pull at the slider are one. */
  setDropout(p: number): void {
    this.#p = p;
    const x = this.#batches.at(-1)?.x ?? 0;
    const last = this.#marks.at(-1);
    const isSame = last !== undefined && (x === last.x || (last.x > 0 && x - last.x < NEAR * this.#epochs));
    const before = isSame ? this.#marks.slice(0, -1) : this.#marks;
    const mark = { x: isSame ? last.x : x, text: dropoutText(p) };
    this.#marks = before.at(-1)?.text === mark.text ? before : [...before, mark];
    this.#isAccuracyNew = true;
    this.#drawSoon();
  }

  /** Takes the loss of a batch. */
  addStep({ epoch, step, steps, loss }: WorkerStep): void {
    if (steps === undefined || loss === undefined) return;
    this.#usedP = this.#p;
    const x = epoch - 1 + step / steps;
    this.#batches.push({ x, y: loss });
    if (Number.isFinite(loss)) {
      this.#average = SMOOTHING * this.#average + (1 - SMOOTHING) * loss;
      this.#weight = SMOOTHING * this.#weight + 1 - SMOOTHING;
      this.#smooth.push({ x, y: this.#average / this.#weight });
    }
    if (this.#batches.length > MOST) this.#batches = halve(this.#batches);
    if (this.#smooth.length > MOST) this.#smooth = halve(this.#smooth);
    this.#drawSoon();
  }

  /** Takes the numbers of an epoch. */
  addEpoch(info: EpochInfo): void {
    this.#results.push(info);
    const cells = [
      this.#usedP.toFixed(2),
      info.trainLoss.toFixed(4),
      percent(info.trainAccuracy),
      info.valLoss.toFixed(4),
      percent(info.valAccuracy),
    ];
    const row = this.#numbers.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = String(info.epoch);
    row.append(head);
    for (const text of cells) row.insertCell().textContent = text;
    this.#isAccuracyNew = true;
    this.#drawSoon();
  }

  /** A few pictures a second are enough, and none while nobody looks. */
  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const wait = this.#drawnAt + MILLISECONDS_BETWEEN_PICTURES - performance.now();
    setTimeout(() => requestAnimationFrame(() => this.#draw()), Math.max(0, wait));
  }

  #drawAll(): void {
    this.#isAccuracyNew = true;
    this.#draw();
  }

  #draw(): void {
    this.#isDue = false;
    this.#drawnAt = performance.now();
    this.#drawLoss();
    if (this.#isAccuracyNew) this.#drawAccuracy();
    this.#say();
  }

  #drawLoss(): void {
    const train = this.#results.map(({ epoch, trainLoss }) => ({ x: epoch, y: trainLoss }));
    const validation = this.#results.map(({ epoch, valLoss }) => ({ x: epoch, y: valLoss }));
    drawChart(this.#lossChart, {
      epochs: this.#epochs,
      marks: this.#marks,
      axis: logAxis(valuesOf(this.#batches, train, validation), 0.1, 2.5),
      lines: [
        { name: "batch", dots: this.#batches },
        { name: "smooth", dots: this.#smooth },
        { name: "train", dots: train, isDotted: true },
        { name: "validation", dots: validation, isDotted: true },
      ],
    });
  }

  #drawAccuracy(): void {
    this.#isAccuracyNew = false;
    const train = this.#results.map(({ epoch, trainAccuracy }) => ({ x: epoch, y: trainAccuracy }));
    const validation = this.#results.map(({ epoch, valAccuracy }) => ({ x: epoch, y: valAccuracy }));
    drawChart(this.#accuracyChart, {
      epochs: this.#epochs,
      marks: this.#marks,
      axis: percentAxis(valuesOf(train, validation), 0.9),
      target: { value: TARGET, text: "aim: 98 %" },
      lines: [
        { name: "train", dots: train, isDotted: true },
        { name: "validation", dots: validation, isDotted: true },
      ],
    });
  }

  /** The newest values, beside the names of the lines. */
  #say(): void {
    const last = this.#results.at(-1);
    const batch = this.#smooth.at(-1)?.y;
    const texts = {
      "loss-batch": batch === undefined ? "" : number(batch),
      "loss-train": last ? number(last.trainLoss) : "",
      "loss-validation": last ? number(last.valLoss) : "",
      "accuracy-train": last ? percent(last.trainAccuracy) : "",
      "accuracy-validation": last ? percent(last.valAccuracy) : "",
    };
    for (const [id, text] of Object.entries(texts)) element(id, HTMLElement).textContent = text;
  }
}

const valuesOf = (...lines: Dot[][]): number[] => lines.flatMap((dots) => dots.map(({ y }) => y));

/** Two neighbours become their mean, so that a long run costs no more to draw than a short one. */
function halve(dots: readonly Dot[]): Dot[] {
  return dots.flatMap((dot, i) => {
    const next = dots[i + 1];
    return i % 2 ? [] : next ? [{ x: (dot.x + next.x) / 2, y: (dot.y + next.y) / 2 }] : [dot];
  });
}
