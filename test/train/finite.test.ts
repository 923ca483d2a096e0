import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NonFiniteError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { parse } from "../../src/io/safetensors.ts";
import type { ByteStore } from "../../src/io/store.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { type FitOptions, fit, type LossFunction } from "../../src/train/index.ts";
import { deviceName, useDevice } from "../support/device.ts";
import { noise } from "../support/gradcheck.ts";

const finite = suite("values that are not finite");
finite.before(useDevice);

const [SAMPLES, BATCH, SNAPSHOT_EVERY] = [80, 8, 3];

/** A run in file order, whose sample `bad` is NaN. */
function setUp({ bad = -1, lr = 0.05 }: { bad?: number; lr?: number }) {
  manualSeed(1);
  const pixels = Float32Array.from(noise(SAMPLES * 6, 1));
  if (bad >= 0) pixels[bad * 6 + 2] = Number.NaN;
  const y = tensor(Int32Array.from({ length: SAMPLES }, (_, i) => i % 3));
  const loader = new DataLoader(new TensorDataset(tensor(pixels, { shape: [SAMPLES, 6] }), y), { batchSize: BATCH });
  const model = new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 3));
  const optimizer = new SGD(model.parameters(), { lr });
  let steps = 0;
  const written: Uint8Array<ArrayBuffer>[] = [];
  const checkpoint: ByteStore = {
    read: async () => undefined,
    write: async (bytes) => void written.push(bytes),
    remove: async () => undefined,
  };
  const run = (options: FitOptions = {}, lossFn: LossFunction = new nn.CrossEntropyLoss()) =>
    fit(loader, loader, model, lossFn, optimizer, 2, {
      ...{ progress: false, snapshotEvery: SNAPSHOT_EVERY, checkpoint: { to: checkpoint, everySteps: 1 } },
      onStep: () => void steps++,
      ...options,
    });
  return { run, model, steps: () => steps, written };
}

/** Steps that may be done after the bad one: none on one thread, one on several, those between two snapshots on a GPU. */
const late = () => (deviceName === "webgpu" ? SNAPSHOT_EVERY : 1);

async function failed(run: () => Promise<unknown>): Promise<string> {
  const error = await run().catch((reason: unknown) => reason);
  assert.instance(error, NonFiniteError);
  return (error as Error).message;
}

for (const good of [3, 4, 5, 6])
  finite(
    `a NaN in the data after ${good} steps ends training and names the layer; no checkpoint holds it`,
    async () => {
      const { run, steps, written } = setUp({ bad: good * BATCH + 1 });
      const message = await failed(run);
      assert.match(message, /step \d+ of epoch 1.*0\.(weight|bias)/);
      assert.ok(steps() >= good && steps() <= good + late(), `${steps()} steps`);
      assert.ok(written.length > 0);
      for (const bytes of written) assert.ok(parse(bytes, { requireFinite: true }).tensors.size >= 4);
    },
  );

finite("weights that are not finite, and do not show in the loss, are never written", async () => {
  const { run, model, written } = setUp({});
  // The unit is off for every sample, so nothing that comes after it sees its bias.
  const onStep = async ({ step }: { step: number }) => {
    if (step !== 5) return;
    const state = await readState(model);
    state.get("0.bias")?.data.set([Number.NEGATIVE_INFINITY]);
    model.loadStateDict(state);
  };
  const message = await failed(() => run({ onStep }));
  assert.match(message, /by step \d+ of epoch 1 0\.bias\[0\] is -Infinity/);
  assert.ok(written.length > 0);
  for (const bytes of written) assert.ok(parse(bytes, { requireFinite: true }).tensors.size >= 4);
});

finite("on one thread the weights are those before the bad step", async () => {
  if (deviceName !== "cpu") return;
  const good = setUp({});
  const controller = new AbortController();
  await good.run({ onStep: ({ step }) => (step === 5 ? controller.abort() : undefined), signal: controller.signal });
  const bad = setUp({ bad: 5 * BATCH });
  const message = await failed(bad.run);
  if (/in step 6/.test(message)) assert.equal(await readState(bad.model), await readState(good.model));
});

finite("a label out of range is told as one, though it makes the loss NaN", async () => {
  for (const snapshotEvery of [1, 2, SNAPSHOT_EVERY]) {
    const { run } = setUp({});
    let calls = 0;
    const lossFn = new nn.CrossEntropyLoss();
    // Only the device knows what the labels of the second step are.
    const labels = (output: Tensor, target: Tensor) => lossFn(output, ++calls === 2 ? target.add(100) : target);
    const error = await run({ snapshotEvery }, labels).catch((reason: unknown) => reason);
    assert.ok(error instanceof RangeError && /label 1\d\d is outside \[0, 3\)/.test(error.message), String(error));
  }
});

finite("a learning rate that is far too high ends training within a few steps", async () => {
  const { run, steps } = setUp({ lr: 1e30 });
  await failed(run);
  assert.ok(steps() <= 2 + late(), `${steps()} steps`);
});

finite("checkFinite: false trains on", async () => {
  const { run } = setUp({ bad: 3 });
  const { valLoss } = await run({ checkFinite: false });
  assert.ok(valLoss.every(Number.isNaN));
});

finite.run();
