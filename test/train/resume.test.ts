import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError } from "../../src/core/errors.ts";
import { Generator } from "../../src/core/random.ts";
import { tensor } from "../../src/create.ts";
import { rand } from "../../src/createRandom.ts";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { parse } from "../../src/io/safetensors.ts";
import { readState } from "../../src/nn/state.ts";
import type { Tensor } from "../../src/tensor.ts";
import { type FitOptions, resume, save } from "../../src/train/index.ts";
import { useDevice } from "../support/device.ts";
import {
  BATCH,
  contents,
  EPOCHS,
  memoryStore,
  midway,
  SAMPLES,
  type Setup,
  STEPS,
  setUp,
} from "../support/resumable.ts";

const resuming = suite("resume");
resuming.before(useDevice);

/** A run that is cut short after a step, or by a batch of the evaluation, and goes on in another setting. */
async function interrupted(setup: Setup, epoch: number, step: number, options: FitOptions = {}) {
  const store = memoryStore();
  const controller = new AbortController();
  const onStep = (info: { epoch: number; step: number }) => {
    if (info.epoch === epoch && info.step === step) controller.abort();
  };
  const first = await setUp(setup).run({ ...options, checkpoint: store, onStep, signal: controller.signal });
  assert.is(first.status, "aborted");
  const again = setUp(setup);
  const seen: string[] = [];
  const history = await again.run({
    ...options,
    ...{ checkpoint: store, resume: true },
    onResume: (info) => void seen.push(`${info.epoch}:${info.step} ${info.exact}`),
    onStep: (info) => void seen.push(`${info.epoch}:${info.step}`),
  });
  return { history, seen, end: contents(store.bytes), weights: await readState(again.model) };
}

async function undisturbed(setup: Setup, options: FitOptions = {}) {
  const store = memoryStore();
  const { run, model } = setUp(setup);
  const history = await run({ ...options, checkpoint: store });
  return { history, end: contents(store.bytes), weights: await readState(model) };
}

const kinds: [string, Setup][] = [
  ["by Adam, with masks computed in kernels", {}],
  ["with masks drawn on the host, as PyTorch does", { masks: "torch" }],
  ["with a generator of the loader's own", { own: true }],
  [
    "with a generator of its own, by SGD with momentum, without a last short batch",
    { generator: true, optimizer: "sgd", dropLast: true },
  ],
  ["with groups that have options of their own", { optimizer: "groups", own: true }],
];

for (const [what, setup] of kinds)
  resuming(`a run ${what} ends in the same bits, wherever it was cut short`, async () => {
    const whole = await undisturbed(setup);
    const steps = setup.dropLast ? Math.floor(SAMPLES / BATCH) : STEPS;
    for (const [epoch, step] of [
      [1, 1],
      [1, 4],
      [2, steps],
      [3, 2],
      [3, steps],
    ] as const) {
      const { history, seen, end, weights } = await interrupted(setup, epoch, step);
      assert.equal(weights, whole.weights, `cut at ${epoch}:${step}`);
      assert.equal(end, whole.end, `cut at ${epoch}:${step}`);
      assert.equal({ ...history, seconds: 0 }, { ...whole.history, seconds: 0 });
      assert.is(seen[0], `${epoch}:${step} true`);
      assert.is(seen.length - 1, steps * EPOCHS - (epoch - 1) * steps - step);
    }
  });

resuming("goes on in the middle of an evaluation, and after the last epoch with more epochs", async () => {
  const whole = await undisturbed({});
  const store = memoryStore();
  const controller = new AbortController();
  const { run, model } = setUp();
  let evaluated = 0;
  const { forward } = model;
  model.forward = (x: Tensor) => {
    if (!model.training && ++evaluated === STEPS + 3) controller.abort();
    return forward.call(model, x);
  };
  assert.is((await run({ checkpoint: store, signal: controller.signal })).status, "aborted");
  const second = setUp();
  const seen: number[] = [];
  await second.run({ checkpoint: store, resume: true, onStep: ({ epoch }) => void seen.push(epoch) }, 2);
  assert.ok(!seen.includes(1));
  const third = setUp();
  const history = await third.run({ checkpoint: store, resume: true });
  assert.equal(contents(store.bytes), whole.end);
  assert.equal({ ...history, seconds: 0 }, { ...whole.history, seconds: 0 });
  const fourth = setUp();
  const again = await fourth.run({ checkpoint: store, resume: true, onStep: () => assert.unreachable() });
  assert.equal(again.valLoss, whole.history.valLoss);
  assert.equal(await readState(fourth.model), whole.weights);
});

resuming("early stopping, the best weights and their file go on", async () => {
  // Evaluation sees nothing but zeros: its loss never changes, so the first epoch is the best, and two more are the patience.
  const once = async (cutAfter: number) => {
    const store = memoryStore();
    const saved: Uint8Array[] = [];
    const part = async (options: FitOptions) => {
      const { run, model } = setUp();
      const { forward } = model;
      model.forward = (x: Tensor) => (model.training ? forward.call(model, x) : forward.call(model, x).mul(0));
      const history = await run(
        {
          ...{ checkpoint: store, earlyStopping: true, patience: 2, restoreBest: true, saveBestModel: true },
          saveModelPath: (bytes) => void saved.push(bytes),
          ...options,
        },
        6,
      );
      return { history, weights: await readState(model) };
    };
    const controller = new AbortController();
    const stopAt = (info: { epoch: number }) => (info.epoch === cutAfter ? controller.abort() : undefined);
    if (cutAfter === 0) return { ...(await part({})), saved };
    await part({ onEpoch: stopAt, signal: controller.signal });
    return { ...(await part({ resume: true })), saved };
  };
  const whole = await once(0);
  assert.is(whole.history.status, "stopped");
  assert.is(whole.history.valLoss.length, 3);
  for (const epoch of [1, 2]) {
    const { history, weights, saved } = await once(epoch);
    assert.equal(history.valLoss, whole.history.valLoss);
    assert.is(history.status, "stopped");
    assert.equal(weights, whole.weights);
    assert.equal(saved.at(-1), whole.saved.at(-1));
  }
});

resuming(
  "a checkpoint that cannot be written ends training with that error; the one before stays, the weights are usable",
  async () => {
    const store = memoryStore();
    const { run, model } = setUp();
    const full = { ...store, write: async () => Promise.reject(new DataError("cannot write run: no space left")) };
    const error = await run({ checkpoint: { to: full, everySteps: 1 } }).catch((reason: unknown) => reason);
    assert.instance(error, DataError);
    assert.match((error as Error).message, /no space left/);
    for (const { data } of (await readState(model)).values()) assert.ok(data.every(Number.isFinite));
  },
);

resuming("the same state gives the same bytes; without a checkpoint training begins", async () => {
  const strip = (bytes: Uint8Array) => contents(bytes);
  assert.equal(strip(await midway()), strip(await midway()));
  const { run, model } = setUp();
  const store = memoryStore();
  await run({
    checkpoint: { to: store, metadata: { name: "mine" } },
    resume: true,
    onResume: () => assert.unreachable(),
  });
  assert.equal(await readState(model), (await undisturbed({})).weights);
  assert.is(parse(store.bytes ?? new Uint8Array()).metadata.get("name"), "mine");
});

resuming("a loader that cannot draw the same order goes on, and says that the numbers may differ", async () => {
  const bytes = await midway({ plain: true });
  const heard: unknown[] = [];
  const history = await setUp({ plain: true }).run({ resume: bytes, onResume: (info) => void heard.push(info) });
  assert.equal(heard, [{ epoch: 1, step: 3, exact: false }]);
  assert.is(history.status, "completed");
});

resuming("a loop of one's own takes up weights, moments, draws and what it saved besides", async () => {
  const store = memoryStore();
  const { model, optimizer, run } = setUp();
  await run({}, 1);
  await save(store, { model, optimizer, data: { epoch: 1 } });
  const next = await rand(3).data();
  const again = setUp();
  assert.equal(await resume(store, again), { data: { epoch: 1 } });
  assert.equal(await readState(again.model), await readState(model));
  assert.equal(await again.optimizer.stateDict(), await optimizer.stateDict());
  assert.equal(await rand(3).data(), next);
  assert.is(await resume(memoryStore(), again), undefined);
});

resuming("a loader passes over batches without making them, at the same draws", async () => {
  const values = tensor(Int32Array.from({ length: 10 }, (_, i) => i));
  for (const [own, dropLast] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    const make = () => {
      const generator = own ? { generator: new Generator(2) } : {};
      return new DataLoader(new TensorDataset(values, values), { batchSize: 4, shuffle: true, dropLast, ...generator });
    };
    const all = async (batches: AsyncIterable<readonly [Tensor, Tensor]>) => {
      const seen: unknown[] = [];
      for await (const [x] of batches) seen.push(await x.toArray());
      return seen;
    };
    const [whole, first] = [make(), new Generator(1)];
    const expected = await all(whole.epoch(first));
    for (let passed = 0; passed <= whole.length; passed++) {
      const [part, draws] = [make(), new Generator(1)];
      assert.equal(await all(part.epochFrom(draws, passed)), expected.slice(passed));
      assert.equal(draws.getState(), first.getState());
      assert.equal(part.generator?.getState(), whole.generator?.getState());
    }
    assert.throws(() => make().epochFrom(new Generator(1), 4), /batches must be an integer in \[0, /);
  }
});

resuming.run();
