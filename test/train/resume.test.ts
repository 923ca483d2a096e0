import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError, ShapeError } from "../../src/core/errors.ts";
import { Generator } from "../../src/core/random.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { rand } from "../../src/createRandom.ts";
import { DataLoader, Dataset } from "../../src/data/index.ts";
import { parse, serialize } from "../../src/io/safetensors.ts";
import type { ByteStore } from "../../src/io/store.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import { type FitOptions, fit, type History, type TrainBatches } from "../../src/train/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { noise } from "../support/gradcheck.ts";

const resuming = suite("resume");
resuming.before(useDevice);

const [SAMPLES, BATCH, EPOCHS] = [44, 8, 3];
const STEPS = Math.ceil(SAMPLES / BATCH);

/** Bytes in memory, and every write that came. */
function memoryStore(): ByteStore & { bytes: Uint8Array<ArrayBuffer> | undefined; writes: number } {
  const store = {
    bytes: undefined as Uint8Array<ArrayBuffer> | undefined,
    writes: 0,
    read: async () => store.bytes,
    write: async (bytes: Uint8Array<ArrayBuffer>) => {
      store.bytes = bytes;
      store.writes++;
    },
    remove: async () => {
      store.bytes = undefined;
    },
  };
  return store;
}

/** Samples with noise that is drawn anew whenever one is made. */
class Noisy extends Dataset {
  readonly length = SAMPLES;
  get(index: number) {
    const x = tensor(noise(6, index));
    return [x.add(rand(6).mul(0.1)), tensor(Int32Array.of((index * 7) % 3)).reshape([])] as const;
  }
}

interface Setup {
  masks?: "philox" | "torch";
  own?: boolean;
  generator?: boolean;
  optimizer?: "adam" | "sgd" | "groups";
  dropLast?: boolean;
  plain?: boolean;
}

/** A run that depends on all that is random: order, noise of the samples, dropout. As a new process makes it. */
function setUp({ masks = "philox", own, generator, optimizer = "adam", dropLast = false, plain }: Setup = {}) {
  manualSeed(3, { dropout: masks });
  const loader = new DataLoader(new Noisy(), {
    ...{ batchSize: BATCH, shuffle: true, dropLast },
    ...(own && { generator: new Generator(8) }),
  });
  const y = tensor(Int32Array.from({ length: 20 }, (_, i) => i % 3));
  const values: (readonly [Tensor, Tensor])[] = [[tensor(noise(120, 2), { shape: [20, 6] }), y]];
  const validation = { inOrder: () => values, [Symbol.asyncIterator]: () => loader[Symbol.asyncIterator]() };
  const model = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Dropout(0.4), new nn.Linear(8, 3));
  const [first, ...others] = model.parameters();
  const groups = [{ params: first ? [first] : [], lr: 0.05 }, { params: others }];
  const steps =
    optimizer === "sgd"
      ? new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 })
      : new Adam(optimizer === "groups" ? groups : model.parameters(), { lr: 0.01, amsgrad: optimizer === "groups" });
  const source: TrainBatches = plain ? { [Symbol.asyncIterator]: () => loader[Symbol.asyncIterator]() } : loader;
  const draws = generator ? { generator: new Generator(5) } : {};
  const run = (options: FitOptions, epochs = EPOCHS): Promise<History> =>
    fit(source, validation, model, new nn.CrossEntropyLoss(), steps, epochs, { progress: false, ...draws, ...options });
  return { model, optimizer: steps, run };
}

/** All of a state: what a checkpoint of the end holds, but for the time it took. */
function contents(bytes: Uint8Array | undefined): unknown {
  const { tensors, metadata } = parse(bytes ?? new Uint8Array());
  const state = JSON.parse(metadata.get("torchlet.checkpoint") ?? "{}");
  return [
    Array.from(tensors, ([name, { data }]) => [name, Array.from<number | bigint>(data)]),
    { ...state, run: { ...state.run, seconds: 0 } },
  ];
}

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

/** A checkpoint in the middle of a run. */
async function midway(setup: Setup = {}): Promise<Uint8Array<ArrayBuffer>> {
  const store = memoryStore();
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => (step === 3 ? controller.abort() : undefined);
  await setUp(setup).run({ checkpoint: store, onStep, signal: controller.signal });
  return store.bytes ?? new Uint8Array();
}

/** Resumes, which must fail, and change nothing. */
async function refused(
  bytes: Uint8Array,
  type: new (...args: never[]) => Error,
  message: RegExp,
  options: FitOptions = {},
  setup: Setup = {},
) {
  const { run, model, optimizer } = setUp(setup);
  const before = [await readState(model), await optimizer.stateDict()];
  const error = await run({ resume: bytes, ...options }).catch((reason: unknown) => reason);
  assert.instance(error, type);
  assert.match((error as Error).message, message);
  assert.equal([await readState(model), await optimizer.stateDict()], before);
  // Nor have the draws moved: what comes next is what comes without the call.
  const next = await rand(3).data();
  setUp(setup);
  assert.equal(await rand(3).data(), next);
}

resuming("a checkpoint of another run is refused with every difference, and nothing is changed", async () => {
  const bytes = await midway();
  await refused(bytes, DataError, /patience is 3, was 10; use those of that run/, { patience: 3 });
  await refused(
    bytes,
    DataError,
    /trainLoader\.length is 5, was 6; trainLoader\.dropLast is true, was false/,
    {},
    { dropLast: true },
  );
  await refused(bytes, DataError, /trainLoader\.generator is true, was false/, {}, { own: true });
  await refused(bytes, DataError, /the optimizer's .*momentum is 0\.9, was undefined/, {}, { optimizer: "sgd" });
  const later = memoryStore();
  await setUp().run({ checkpoint: later }, 3);
  const error = await setUp()
    .run({ resume: later.bytes ?? new Uint8Array() }, 2)
    .catch((reason: unknown) => reason);
  assert.instance(error, DataError);
  assert.match((error as Error).message, /epochs must be at least 3, got 2/);
});

resuming("bytes that are no checkpoint, or a damaged one, are refused, and nothing is changed", async () => {
  const bytes = await midway();
  await refused(bytes.slice(0, 100), FormatError, /safetensors/);
  const { tensors, metadata } = parse(bytes);
  await refused(serialize(tensors), FormatError, /without a training state/);
  const text = metadata.get("torchlet.checkpoint") ?? "";
  const changed = (from: string | RegExp, to: string) =>
    serialize(tensors, { "torchlet.checkpoint": text.replace(from, to) });
  await refused(changed('"version":1', '"version":9'), FormatError, /version 9/);
  await refused(changed("{", ""), FormatError, /no JSON/);
  await refused(changed(/"step":\d+/, '"step":-1'), FormatError, /step must be an integer from 0 on, got -1/);
  await refused(changed('"waited":0', '"waited":"x"'), FormatError, /waited must be an integer/);
  await refused(changed(/"lr":[\d.]+/, '"__proto__":{"lr":1}'), ShapeError, /another optimizer|options/);
  const without = (name: string) =>
    serialize(
      [...tensors].filter(([key]) => key !== name),
      metadata,
    );
  await refused(without("model.0.bias"), ShapeError, /missing 0\.bias/);
  await refused(without("random.epochStart"), FormatError, /random\.epochStart/);
  await refused(without("random.draws"), FormatError, /random\.draws/);
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

resuming.run();
