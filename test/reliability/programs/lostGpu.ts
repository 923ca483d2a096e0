// Training over the loss of its GPU, for a page or for Deno. A page's part may also be called step by step (`prepare`, `train`).
import { defaultDevice } from "../../../src/backend/device.ts";
import { WebGpuBackend } from "../../../src/backend/webgpu/webgpu.ts";
import { manualSeed } from "../../../src/core/random/state.ts";
import { tensor } from "../../../src/create.ts";
import { DataLoader, TensorDataset } from "../../../src/data/index.ts";
import { diagnose, init } from "../../../src/index.ts";
import { serializeState } from "../../../src/io/state.ts";
import * as nn from "../../../src/nn/index.ts";
import { readState } from "../../../src/nn/state.ts";
import { Adam } from "../../../src/optim/index.ts";
import { fit } from "../../../src/train/index.ts";
import { noise } from "../../support/gradcheck.ts";
import { sha256 } from "../../support/sha256.ts";

const [SAMPLES, BATCH, EPOCHS] = [200, 10, 2];
/** Steps of a run. */
export const STEPS: number = (SAMPLES / BATCH) * EPOCHS;

export interface Run {
  readonly weights: string;
  readonly finite: boolean;
  readonly status: string;
  /** The device that each loss was told to be followed by. */
  readonly followedBy: readonly string[];
  readonly device: string;
  readonly steps: number;
  /** The largest difference of a weight from those of `other`. */
  readonly away: number;
}

const known = new Map<string, Float32Array>();

/** A run from one seed on the default device; `at` hears of every step, from 1, and `name` keeps its weights to compare with. */
export async function train(at: (step: number) => void | Promise<void>, name = "run", other?: string): Promise<Run> {
  manualSeed(3);
  const x = tensor(noise(SAMPLES * 6, 1), { shape: [SAMPLES, 6] });
  const y = tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i * 7) % 3));
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: BATCH, shuffle: true });
  const model = new nn.Sequential(new nn.Linear(6, 16), new nn.ReLU(), new nn.Dropout(0.4), new nn.Linear(16, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const followedBy: string[] = [];
  let steps = 0;
  const { status } = await fit(loader, loader, model, new nn.CrossEntropyLoss(), optimizer, EPOCHS, {
    progress: false,
    snapshotEvery: 4,
    onStep: () => at(++steps),
    onDeviceLost: ({ device }) => void followedBy.push(device),
  });
  const state = await readState(model);
  const values = Float32Array.from([...state.values()].flatMap(({ data }) => [...data]));
  known.set(name, values);
  const reference = known.get(other ?? name) ?? values;
  const away = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (reference[i] as number))), 0);
  const finite = values.every(Number.isFinite);
  const weights = await sha256(serializeState(state));
  return { weights, finite, status, followedBy, device: diagnose().device, steps, away };
}

function destroy(): void {
  const { backend } = defaultDevice();
  if (backend instanceof WebGpuBackend) backend.destroy();
}

/** The undisturbed run, and one for each step at which the device is destroyed. */
export async function main({ lostAt }: { lostAt: readonly number[] }): Promise<{ undisturbed: Run; runs: Run[] }> {
  await init({ device: "webgpu" });
  const undisturbed = await train(() => undefined);
  const runs: Run[] = [];
  for (const each of lostAt) runs.push(await train((step) => (step === each ? destroy() : undefined)));
  return { undisturbed, runs };
}

/** On one device, for pages that a test drives. */
export async function on(device: "cpu" | "webgpu", name: string): Promise<Run> {
  await init({ device });
  return train(() => undefined, name);
}

/** On WebGPU, with a pause at a step for whoever kills the GPU's process meanwhile; compared with the CPU's run. */
export async function whileKilled(step: number, kill: () => Promise<void>): Promise<Run> {
  await init({ device: "webgpu" });
  return train((at) => (at === step ? kill() : undefined), "killed", "cpu");
}
