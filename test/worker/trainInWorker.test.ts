import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FormatError, ShapeError } from "../../src/core/errors.ts";
import type { EpochInfo } from "../../src/train/index.ts";
import {
  serveTraining,
  trainInWorker,
  WorkerError,
  type WorkerOptions,
  type WorkerStep,
} from "../../src/worker/index.ts";
import type { Order } from "./jobs.ts";
import { type AnyWorker, startWorker } from "./start.ts";
import { trainLine } from "./trainLine.ts";

const worker = suite<{ worker: AnyWorker }>("trainInWorker");

worker.before.each((context) => {
  context.worker = startWorker("jobs.mjs");
});
worker.after.each((context) => void context.worker.terminate());

const run = (at: { worker: AnyWorker }, order: Order, options: WorkerOptions<unknown> = {}) =>
  trainInWorker(at.worker, { ...options, args: order });

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new TypeError("the run was expected to fail");
}

const until = (isSo: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = () => (isSo() ? resolve() : setTimeout(look, 5));
    look();
  });

const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

type Trained = Awaited<ReturnType<typeof trainLine>>;

worker("gives the weights and the history that the same fit gives on this thread, bit for bit", async (at) => {
  const steps: WorkerStep[] = [];
  const epochs: EpochInfo[] = [];
  const training = run(
    at,
    { task: "train", epochs: 3 },
    { onStep: (step) => steps.push(step), onEpoch: (info) => epochs.push(info), stepEvery: 0 },
  );
  const there = (await training.result) as Trained;
  const here = await trainLine(
    { onStep: async () => undefined, onEpoch: () => undefined, signal: new AbortController().signal },
    3,
  );
  assert.equal(there.weights, here.weights);
  assert.equal(there.history.trainLoss, here.history.trainLoss);
  assert.is(there.history.status, "completed");
  assert.equal(
    epochs.map(({ trainLoss }) => trainLoss),
    here.history.trainLoss,
  );
  assert.equal(
    steps.map(({ epoch, step }) => [epoch, step]),
    Array.from({ length: 18 }, (_, i) => [Math.floor(i / 6) + 1, (i % 6) + 1]),
  );
  for (const { loss, samples, steps: of, epochs: all } of steps) {
    assert.ok(typeof loss === "number" && loss > 0 && loss < 100);
    assert.equal([samples, of, all], [8, 6, 3]);
  }
});

worker("tells of few steps and of all samples where steps are many", async (at) => {
  const steps: WorkerStep[] = [];
  await run(at, { task: "train", epochs: 4 }, { onStep: (step) => steps.push(step), stepEvery: 1e9 }).result;
  // The first step of all, and the last of each epoch.
  assert.equal(
    steps.map(({ epoch, step }) => [epoch, step]),
    [
      [1, 1],
      [1, 6],
      [2, 6],
      [3, 6],
      [4, 6],
    ],
  );
  assert.is(
    steps.reduce((sum, { samples }) => sum + samples, 0),
    4 * 48,
  );
});

worker("a paused run takes no step until it is resumed, and ends in the same bits", async (at) => {
  let steps = 0;
  const onStep = () => {
    if (++steps === 3) training.pause();
  };
  const training = run(at, { task: "train", epochs: 100 }, { onStep, stepEvery: 0 });
  await until(() => steps >= 3);
  await pass(100); // steps that were under way when the wish was sent
  const held = steps;
  await pass(150);
  assert.is(steps, held);
  assert.ok(steps < 600);
  training.resume();
  const { history } = (await training.result) as Trained;
  assert.is(steps, 600);
  const undisturbed = (await run(at, { task: "train", epochs: 100 }).result) as Trained;
  assert.equal(history.trainLoss, undisturbed.history.trainLoss);
});

worker("a signal ends fit between two steps, also while it is paused", async (at) => {
  const controller = new AbortController();
  let steps = 0;
  const onStep = () => {
    if (++steps === 2) training.pause();
  };
  const training = run(at, { task: "train", epochs: 1e6 }, { onStep, signal: controller.signal, stepEvery: 0 });
  await until(() => steps >= 2);
  await pass(50);
  controller.abort();
  assert.is(((await training.result) as Trained).history.status, "aborted");
});

worker("a job that throws its signal's reason rejects with the reason given here", async (at) => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const training = run(at, { task: "signal" }, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 300);
  assert.is(await failure(training.result), reason);
  assert.is(await failure(run(at, { task: "train" }, { signal: controller.signal }).result), reason);
});

worker("messages go both ways in order, those sent before the worker has loaded too", async (at) => {
  const heard: unknown[] = [];
  const training = run(at, { task: "echo" }, { onMessage: (value) => heard.push(value) });
  const bytes = new Float32Array([1, 2, 3]).buffer;
  training.post({ a: 1 });
  training.post(bytes, [bytes]);
  training.post("end");
  assert.is(bytes.byteLength, 0);
  const expected = [{ a: 1 }, new Float32Array([1, 2, 3]).buffer, "end"];
  assert.equal(await training.result, expected);
  assert.equal(
    heard,
    expected.map((value) => ({ heard: value })),
  );
});

worker("errors come back as what they were", async (at) => {
  const shape = await failure(run(at, { task: "shape" }).result);
  assert.ok(shape instanceof ShapeError && shape.message === "linear: wrong");
  const format = await failure(run(at, { task: "format" }).result);
  assert.ok(format instanceof FormatError && format.code === "CODE" && format.offset === 7);
  const custom = await failure(run(at, { task: "custom" }).result);
  assert.ok(custom instanceof WorkerError && /SyntaxError: odd/.test(custom.message));
  const thrown = await failure(run(at, { task: "thrown" }).result);
  assert.ok(thrown instanceof WorkerError && /a word/.test(thrown.message));
  const unclonable = await failure(run(at, { task: "unclonable" }).result);
  assert.ok(unclonable instanceof WorkerError && /DataCloneError/.test(unclonable.message));
});

worker("a callback that throws fails the run with its error and stops the job", async (at) => {
  const mine = new Error("mine");
  const onEpoch = () => {
    throw mine;
  };
  assert.is(await failure(run(at, { task: "train", epochs: 1e6 }, { onEpoch }).result), mine);
  // The worker is free again.
  assert.is(((await run(at, { task: "train", epochs: 1 }).result) as Trained).history.status, "completed");
});

worker("two runs in one worker at once give what each gives alone", async (at) => {
  const one = run(at, { task: "train", epochs: 3 });
  const echo = run(at, { task: "echo" });
  echo.post("end");
  assert.equal(await echo.result, ["end"]);
  const alone = (await one.result) as Trained;
  const again = (await run(at, { task: "train", epochs: 3 }).result) as Trained;
  assert.equal(alone.weights, again.weights);
});

worker("a worker that is terminated fails the run", async (at) => {
  const end = () => void at.worker.terminate();
  const training = run(at, { task: "forever" }, { onMessage: end });
  const error = await failure(training.result);
  assert.ok(error instanceof WorkerError && /ended before its job/.test(error.message), String(error));
});

worker("a worker that is terminated at any moment while it starts fails the run", async () => {
  const endings = Array.from({ length: 20 }, async (_, i) => {
    const starting = startWorker("jobs.mjs");
    const training = trainInWorker(starting, { args: { task: "forever" }, timeout: 2000 });
    setTimeout(() => void starting.terminate(), i * 15);
    return failure(training.result);
  });
  for (const error of await Promise.all(endings))
    assert.ok(
      error instanceof WorkerError && /ended before its job|has not called serveTraining/.test(error.message),
      String(error),
    );
});

worker("a worker that is terminated as soon as it serves fails the run", async (at) => {
  const training = run(at, { task: "forever" });
  const serves = (data: unknown) => {
    if ((data as { torchlet?: string }).torchlet === "ready") void at.worker.terminate();
  };
  if ("addEventListener" in at.worker)
    at.worker.addEventListener("message", (event) => serves((event as MessageEvent).data));
  else at.worker.on("message", serves);
  const error = await failure(training.result);
  assert.ok(error instanceof WorkerError && /ended before its job/.test(error.message), String(error));
});

worker("a file that does not load, or serves nothing, fails the run with what to do", async () => {
  const missing = startWorker("missing.mjs");
  const error = await failure(trainInWorker(missing, { timeout: 20_000 }).result);
  await missing.terminate();
  assert.ok(error instanceof WorkerError && /did not load/.test(error.message), String(error));
  const idle = startWorker("idle.mjs");
  const late = await failure(trainInWorker(idle, { timeout: 500 }).result);
  await idle.terminate();
  assert.ok(late instanceof WorkerError && /has not called serveTraining within 500 ms/.test(late.message));
});

worker("wrong arguments are refused at the call", (at) => {
  const wrong = (options: unknown) => () => trainInWorker(at.worker, options as WorkerOptions);
  assert.throws(() => trainInWorker(null as unknown as AnyWorker), /expected a Worker, got null/);
  assert.throws(wrong({ onStep: 1 }), /onStep is to be a function, got number/);
  assert.throws(wrong({ stepEvery: -1 }), RangeError);
  assert.throws(wrong({ timeout: Number.NaN }), RangeError);
  assert.throws(wrong({ args: () => 1 }), (error: Error) => error.name === "DataCloneError");
  assert.throws(() => serveTraining(async () => 1), /this is not a worker/);
  assert.throws(() => serveTraining(1 as unknown as () => unknown), TypeError);
});

worker.run();
