import { suite } from "uvu";
import * as assert from "uvu/assert";
import { builtin, type FileSystem } from "../../src/io/fileSystem.ts";
import { openStore } from "../../src/io/store.ts";
import { decodeCheckpoint } from "../../src/train/checkpointFile.ts";
import { trainInWorker, WorkerError } from "../../src/worker/index.ts";
import type { Order } from "./jobs.ts";
import { startWorker } from "./start.ts";
import { trainLine } from "./trainLine.ts";

const resuming = suite("checkpoints in a worker");

/** A folder where names are paths. */
const FOLDER = `build/test/checkpoints-${Math.random().toString(36).slice(2)}`;
const NAME = `${FOLDER}/run`;
/** Steps that the worker goes on for once a checkpoint is there. */
const STEPS = 20;

interface Remover extends FileSystem {
  rm(path: string, options: { recursive: boolean; force: boolean }): Promise<void>;
}

resuming.after(async () => {
  await openStore(NAME).remove();
  await builtin<Remover>("node:fs/promises")?.rm(FOLDER, { recursive: true, force: true });
});

type Trained = Awaited<ReturnType<typeof trainLine>>;

const order = (epochs: number): Order => ({ task: "train", epochs });
const checkpoint = { to: NAME, everySteps: 1 };

/** Trains in a worker until it has written checkpoints, and ends it in the middle of whatever it does. */
async function cutShort(): Promise<void> {
  const worker = startWorker("jobs.mjs");
  let written = false;
  let steps = 0;
  const onStep = () => {
    if (written && ++steps === STEPS) void worker.terminate();
  };
  const { result } = trainInWorker(worker, { args: order(1e6), checkpoint, onStep, stepEvery: 0 });
  const ended = result.catch((reason: unknown) => reason);
  const isOver = ended.then(() => true);
  while (!(await Promise.race([isOver, openStore(NAME).read()]))) await new Promise((go) => setTimeout(go, 5));
  written = true;
  const error = await ended;
  assert.ok(error instanceof WorkerError && /ended before its job/.test(error.message), String(error));
}

resuming("a worker that is ended in mid-training is followed by another one, which ends in the same bits", async () => {
  await cutShort();
  const bytes = await openStore(NAME).read();
  assert.ok(bytes, "no checkpoint was left");
  const { epoch, step } = decodeCheckpoint(bytes, NAME).snapshot;
  // It went on until its end was carried out, so how far it came is seen only now.
  const epochs = epoch + 2;
  const worker = startWorker("jobs.mjs");
  const training = trainInWorker(worker, { args: order(epochs), checkpoint, resume: true });
  const there = (await training.result.finally(() => void worker.terminate())) as Trained;
  assert.equal(there.resumed, { epoch, step, exact: true });
  const silent = { onStep: async () => undefined, onEpoch: () => undefined, signal: new AbortController().signal };
  const here = await trainLine(silent, epochs);
  assert.equal(there.weights, here.weights);
  assert.equal({ ...there.history, seconds: 0 }, { ...here.history, seconds: 0 });
});

resuming.run();
