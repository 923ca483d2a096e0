import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError, NonFiniteError, ShapeError } from "../../src/core/errors.ts";
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
  return [Array.from(tensors, ([name, { data }]) => [name, Array.from<number | bigint>(data)]), { ...state, run: { ...state.run, seconds: 0 } }];
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
  ["with a generator of its own, by SGD with momentum, without a last short batch", { generator: true, optimizer: "sgd", dropLast: true }],
  ["with groups that have options of their own", { optimizer: "groups", own: true }],
];

for (const [what, setup] of kinds)
  resuming(`a run ${what} ends in the same bits, wherever it was cut short`, async () => {
    const whole = await undisturbed(setup);
    const steps = setup.dropLast ? Math.floor(SAMPLES / BATCH) : STEPS;
    for (const [epoch, step] of [[1, 1], [1, 4], [2, steps], [3, 2], [3, steps]] as const) {
      const { history, seen, end, weights } = await interrupted(setup, epoch, step);
      assert.equal(weights, whole.weights, `cut at ${epoch}:${step}`);
      assert.equal(end, whole.end, `cut at ${epoch}:${step}`);
      assert.equal({ ...history, seconds: 0 }, { ...whole.history, seconds: 0 });
      assert.is(seen[0], `${epoch}:${step} true`);
      assert.is(seen.length - 1, steps * EPOCHS - (epoch - 1) * steps - step);
    }
  });

resuming.run();
