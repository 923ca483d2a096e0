// The page: its controls, and how the run goes. The work is done in train.worker.ts.
import { isAvailable } from "torchlet";
import type { EpochInfo } from "torchlet/train";
import { trainInWorker, type WorkerStep, type WorkerTraining } from "torchlet/worker";
import { Curves } from "./curves.ts";
import { element } from "./element.ts";
import type { Ask, Tell } from "./protocol.ts";
import { Reader } from "./reader.ts";
import type { Job } from "./train.worker.ts";

/** Where MNIST's four files are. */
const DATA = new URL("data", location.href).href;
const MILLISECONDS_BETWEEN_READINGS = 250;

type Phase = "loading" | "ready" | "training" | "paused" | "done" | "failed";
const GO: Readonly<Record<Phase, string>> = {
  loading: "Train",
  ready: "Train",
  training: "Pause",
  paused: "Resume",
  done: "Train again",
  failed: "Try again",
};

const go = element("go", HTMLButtonElement);
const dropout = element("dropout", HTMLInputElement);
const epochs = element("epochs", HTMLInputElement);
const devices = element("devices", HTMLFieldSetElement);
const gpu = devices.querySelector<HTMLInputElement>("[value=webgpu]");
const device = (): "cpu" | "webgpu" => (gpu?.checked ? "webgpu" : "cpu");

const curves = new Curves();
const reader = new Reader(ask);
let phase: Phase = "loading";
let worker: Worker | undefined;
let training: WorkerTraining | undefined;
let ending = new AbortController();
/** Whether to train as soon as the network is there. */
let isWanted = false;
let lastStepAt: number | undefined;
let rate = 0;
let lastReadAt = 0;
let lastEpoch: EpochInfo | undefined;

function ask(question: Ask): void {
  if (phase !== "loading" && phase !== "failed") training?.post(question);
}

/** Makes a new network, in the worker that is there or in a new one; `Train` then trains it. */
function begin(): void {
  ending.abort();
  ending = new AbortController();
  const { signal } = ending;
  setPhase("loading", "Loading the images…");
  reader.reset();
  curves.clear(epochs.valueAsNumber || 1, dropout.valueAsNumber);
  lastEpoch = undefined;
  rate = 0;
  showPace("");
  // Bundlers look for this very expression.
  worker ??= new Worker(new URL("./train.worker.ts", import.meta.url), { type: "module" });
  // The run before may have something to say until it has ended.
  const ofThisRun =
    <T>(hear: (value: T) => void) =>
    (value: T): void => {
      if (!signal.aborted) hear(value);
    };
  training = trainInWorker<Job>(worker, {
    args: { data: DATA, device: device(), dropout: dropout.valueAsNumber },
    signal,
    onStep: ofThisRun(onStep),
    onEpoch: ofThisRun(onEpoch),
    onMessage: ofThisRun((value) => onTell(value as Tell)),
  });
  training.result.catch(ofThisRun(onFailure));
}

function start(): void {
  isWanted = false;
  curves.setEpochs(epochs.valueAsNumber);
  ask({ kind: "start", epochs: epochs.valueAsNumber });
  setPhase("training", "Training…");
}

function onTell(tell: Tell): void {
  if (tell.kind === "ready") {
    const images = tell.images.toLocaleString("en");
    const parameters = tell.parameters.toLocaleString("en");
    setPhase("ready", `Ready: a network of ${parameters} parameters, not trained yet, and ${images} images.`);
    element("epochs-note", HTMLElement).textContent = `${tell.batches} batches each`;
    if (tell.adapter) noteDevice(tell.adapter);
    ask({ kind: "dropout", p: dropout.valueAsNumber }); // it may have changed meanwhile
    reader.refresh();
    if (isWanted && epochs.validity.valid) start();
  } else if (tell.kind === "done") {
    const accuracy = ((lastEpoch?.valAccuracy ?? 0) * 100).toFixed(2);
    setPhase("done", `Done in ${tell.seconds.toFixed(1)} s: ${accuracy} % of the validation set are read right.`);
    showPace("");
    reader.refresh();
  } else reader.hear(tell);
}

function onStep(info: WorkerStep): void {
  const { epoch, epochs: all = 1, step, steps = 1, samples } = info;
  const now = performance.now();
  const isLast = step === steps;
  const pace = lastStepAt === undefined ? "" : ` · ${perSecond(samples, now - lastStepAt)} images/s`;
  showPace(isLast ? `epoch ${epoch} · measuring…` : `epoch ${epoch} · batch ${step} of ${steps}${pace}`);
  lastStepAt = isLast ? undefined : now; // what comes next is no training
  element("progress", HTMLProgressElement).value = (epoch - 1 + step / steps) / all;
  curves.addStep(info);
  if (now - lastReadAt < MILLISECONDS_BETWEEN_READINGS) return;
  lastReadAt = now;
  reader.refresh();
}

function onEpoch(info: EpochInfo): void {
  lastEpoch = info;
  curves.addEpoch(info);
  const accuracy = (info.valAccuracy * 100).toFixed(2);
  if (phase === "training")
    setPhase("training", `Epoch ${info.epoch} of ${info.epochs}: validation accuracy ${accuracy} %.`);
}

function onFailure(error: unknown): void {
  worker?.terminate(); // the next run gets a fresh one
  worker = undefined;
  setPhase("failed", error instanceof Error ? error.message : String(error));
  showPace("");
}

/** Images per second, smoothed and rounded to two digits, so that they can be read. */
function perSecond(samples: number, milliseconds: number): string {
  const now = (samples / Math.max(1, milliseconds)) * 1000;
  rate = rate === 0 ? now : 0.9 * rate + 0.1 * now;
  return Number(rate.toPrecision(2)).toLocaleString("en");
}

function setPhase(next: Phase, text: string): void {
  phase = next;
  const isRunning = next === "training" || next === "paused";
  go.textContent = GO[next];
  devices.disabled = isRunning;
  epochs.disabled = isRunning;
  element("sample", HTMLButtonElement).disabled = next === "loading" || next === "failed";
  const status = element("status", HTMLElement);
  status.textContent = text;
  status.classList.toggle("failed", next === "failed");
  document.body.dataset["phase"] = next;
  if (next === "loading") element("progress", HTMLProgressElement).value = 0;
  if (next !== "training") lastStepAt = undefined;
}

function showPace(text: string): void {
  element("pace", HTMLElement).textContent = text;
}

function noteDevice(text: string): void {
  element("device-note", HTMLElement).textContent = text;
}

/** Why WebGPU cannot be had here; undefined where it can. */
async function gpuTrouble(): Promise<string | undefined> {
  if (!isSecureContext) return "WebGPU needs https, or localhost";
  if (!isAvailable("webgpu")) return "this browser has no WebGPU";
  const { gpu: entry } = navigator;
  const adapter = (await entry.requestAdapter()) ?? (await entry.requestAdapter({ forceFallbackAdapter: true }));
  return adapter ? undefined : "the browser offers no GPU";
}

element("reset", HTMLButtonElement).addEventListener("click", () => {
  isWanted = false;
  begin();
});
go.form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (phase === "ready") start();
  else if (phase === "training") {
    training?.pause();
    setPhase("paused", "Paused.");
  } else if (phase === "paused") {
    training?.resume();
    setPhase("training", "Training…");
  } else if (phase === "loading") isWanted = true;
  else {
    isWanted = phase === "done";
    begin();
  }
});
dropout.addEventListener("input", () => {
  const p = dropout.valueAsNumber;
  element("p", HTMLOutputElement).textContent = `p = ${p.toFixed(2)}`;
  ask({ kind: "dropout", p });
  if (phase !== "done") curves.setDropout(p); // what is done was done without it
});
epochs.addEventListener("input", () => {
  if (epochs.validity.valid) curves.setEpochs(epochs.valueAsNumber);
});
devices.addEventListener("change", () => {
  noteDevice("");
  begin();
});

// The address may choose: ?dropout=0.2&epochs=3&device=webgpu
const query = new URLSearchParams(location.search);
for (const input of [dropout, epochs]) {
  const wish = query.get(input.id);
  if (wish !== null && wish.trim() !== "" && Number.isFinite(Number(wish))) input.value = wish;
  if (!input.validity.valid) input.value = input.defaultValue;
}
element("p", HTMLOutputElement).textContent = `p = ${dropout.valueAsNumber.toFixed(2)}`;
const trouble = await gpuTrouble();
if (gpu) {
  gpu.disabled = trouble !== undefined;
  gpu.checked = query.get("device") === "webgpu" && trouble === undefined;
}
if (trouble) noteDevice(trouble);
begin();
