// A small run of `fit` in which everything is random that can be: order, samples' noise, dropout.
import { manualSeed } from "../../../src/core/random/state.ts";
import { Generator } from "../../../src/core/random.ts";
import { tensor } from "../../../src/create.ts";
import { DataLoader, TensorDataset } from "../../../src/data/index.ts";
import { init } from "../../../src/index.ts";
import { parse } from "../../../src/io/safetensors.ts";
import type { ByteStore } from "../../../src/io/store.ts";
import * as nn from "../../../src/nn/index.ts";
import { Adam } from "../../../src/optim/index.ts";
import { decodeCheckpoint } from "../../../src/train/checkpointFile.ts";
import { type FitOptions, fit, type History } from "../../../src/train/index.ts";
import { noise } from "../../support/gradcheck.ts";
import { sha256 } from "../../support/sha256.ts";

export const [SAMPLES, BATCH, EPOCHS] = [92, 8, 3];
/** Steps of an epoch; the last one has a short batch. */
export const STEPS: number = Math.ceil(SAMPLES / BATCH);
const FEATURES = 20;

export interface Kind {
  readonly device: "cpu" | "webgpu";
  readonly seed?: number;
  /** Masks as PyTorch's CPU draws them. */
  readonly torch?: boolean;
  /** A loader with a generator of its own. */
  readonly own?: boolean;
  readonly lr?: number;
  /** Eight layers in place of three: what grows does so eight times. */
  readonly deep?: boolean;
  /** A sample with a NaN. */
  readonly bad?: number;
}

/** The run of a kind, on a device that is ready. */
export function smallRun({ seed = 5, torch = false, own = false, lr = 0.01, bad = -1, deep = false }: Kind) {
  manualSeed(seed, { dropout: torch ? "torch" : "philox" });
  const pixels = Float32Array.from(noise(SAMPLES * FEATURES, 1));
  if (bad >= 0) pixels[bad * FEATURES + 3] = Number.NaN;
  const y = tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i * 7) % 4));
  const dataset = new TensorDataset(tensor(pixels, { shape: [SAMPLES, FEATURES] }), y);
  const loader = new DataLoader(dataset, {
    ...{ batchSize: BATCH, shuffle: bad < 0 },
    ...(own && { generator: new Generator(9) }),
  });
  const model = new nn.Sequential(
    ...[new nn.Linear(FEATURES, 24), new nn.ReLU(), new nn.Dropout(0.3)],
    ...(deep ? Array.from({ length: 5 }, () => new nn.Linear(24, 24)) : []),
    ...[new nn.Linear(24, 12), new nn.ReLU(), new nn.Dropout(0.3), new nn.Linear(12, 4)],
  );
  const optimizer = new Adam(model.parameters(), { lr });
  const lossFn = new nn.CrossEntropyLoss();
  const run = (options: FitOptions = {}, epochs = EPOCHS): Promise<History> =>
    fit(loader, loader, model, lossFn, optimizer, epochs, { progress: false, snapshotEvery: 5, ...options });
  return { model, optimizer, run };
}

export const open = (device: "cpu" | "webgpu"): Promise<unknown> => init({ device });

/** Bytes in memory. */
export class MemoryStore implements ByteStore {
  bytes: Uint8Array<ArrayBuffer> | undefined;

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.bytes;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.bytes = bytes;
  }

  async remove(): Promise<void> {
    this.bytes = undefined;
  }
}

/** SHA-256 of all that a checkpoint holds, but for the time that the run has taken. */
export async function fingerprint(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { tensors, metadata } = parse(bytes);
  const texts: string[] = [];
  for (const [name, { data }] of tensors)
    texts.push(
      `${name} ${await sha256(Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))}`,
    );
  texts.push((metadata.get("torchlet.checkpoint") ?? "").replace(/"seconds":[\d.e+-]+/, ""));
  return sha256(new TextEncoder().encode(texts.join("\n")));
}

/** Steps done, counted through all epochs, as a checkpoint says; throws where it cannot be read. */
export function stepsOf(bytes: Uint8Array): number {
  const { snapshot } = decodeCheckpoint(bytes, "the checkpoint");
  return (snapshot.epoch - 1) * STEPS + snapshot.step;
}

export const toText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromText = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
