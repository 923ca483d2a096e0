import { Generator } from "../../src/core/random.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { rand } from "../../src/createRandom.ts";
import { DataLoader, Dataset } from "../../src/data/index.ts";
import { parse } from "../../src/io/safetensors.ts";
import type { ByteStore } from "../../src/io/store.ts";
import * as nn from "../../src/nn/index.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { type FitOptions, fit, type History, type TrainBatches } from "../../src/train/index.ts";
import { noise } from "./gradcheck.ts";

export const [SAMPLES, BATCH, EPOCHS] = [44, 8, 3];
export const STEPS: number = Math.ceil(SAMPLES / BATCH);

/** Bytes in memory, and every write that came. */
export function memoryStore(): ByteStore & { bytes: Uint8Array<ArrayBuffer> | undefined; writes: number } {
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

export interface Setup {
  masks?: "philox" | "torch";
  own?: boolean;
  generator?: boolean;
  optimizer?: "adam" | "sgd" | "groups";
  dropLast?: boolean;
  plain?: boolean;
}

/** A run that depends on all that is random: order, noise of the samples, dropout. As a new process makes it. */
export function setUp({ masks = "philox", own, generator, optimizer = "adam", dropLast = false, plain }: Setup = {}) {
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
export function contents(bytes: Uint8Array | undefined): unknown {
  const { tensors, metadata } = parse(bytes ?? new Uint8Array());
  const state = JSON.parse(metadata.get("torchlet.checkpoint") ?? "{}");
  return [
    Array.from(tensors, ([name, { data }]) => [name, Array.from<number | bigint>(data)]),
    { ...state, run: { ...state.run, seconds: 0 } },
  ];
}

/** A checkpoint in the middle of a run. */
export async function midway(setup: Setup = {}): Promise<Uint8Array<ArrayBuffer>> {
  const store = memoryStore();
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => (step === 3 ? controller.abort() : undefined);
  await setUp(setup).run({ checkpoint: store, onStep, signal: controller.signal });
  return store.bytes ?? new Uint8Array();
}
