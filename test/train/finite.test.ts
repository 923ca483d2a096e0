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
import { type FitOptions, fit } from "../../src/train/index.ts";
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
  let [steps, bytes] = [0, undefined as Uint8Array<ArrayBuffer> | undefined];
  const checkpoint: ByteStore = {
    read: async () => undefined,
    write: async (written) => {
      bytes = written;
    },
    remove: async () => undefined,
  };
  const run = (options: FitOptions = {}) =>
    fit(loader, loader, model, new nn.CrossEntropyLoss(), optimizer, 2, {
      ...{ progress: false, snapshotEvery: SNAPSHOT_EVERY, checkpoint: { to: checkpoint, everySteps: 1 } },
      onStep: () => void steps++,
      ...options,
    });
  return { run, model, steps: () => steps, bytes: () => bytes };
}

/**
 * Steps that may be done after the bad one: none on one thread, one on several. On a GPU the next snapshot tells, for which
 * training does not wait, and which waits for one that is under way.
 */
const late = () => (deviceName === "webgpu" ? 2 * SNAPSHOT_EVERY + 1 : 1);

async function failed(run: () => Promise<unknown>): Promise<string> {
  const error = await run().catch((reason: unknown) => reason);
  assert.instance(error, NonFiniteError);
  return (error as Error).message;
}

finite("a NaN in the data ends training at its step, names the layer, and the last checkpoint stays good", async () => {
  const { run, steps, bytes } = setUp({ bad: 5 * BATCH + 1 });
  const message = await failed(run);
  assert.match(message, /step \d+ of epoch 1.*0\.(weight|bias)/);
  assert.ok(steps() >= 5 && steps() <= 5 + late(), `${steps()} steps`);
  const { tensors } = parse(bytes() ?? new Uint8Array(), { requireFinite: true });
  assert.ok(tensors.size >= 4);
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
