import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DropoutModel } from "../../src/cli/dropoutModel.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import type { DataLoader } from "../../src/data/index.ts";
import * as nn from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { fit, type TrainBatches } from "../../src/train/index.ts";
import { deviceName, useCpu, useDevice } from "../support/device.ts";
import { forgetMnist, mnistLoader } from "../support/mnist.ts";

const job = suite("the reference job");
job.before(useDevice);

/**
 * Chromium's software GPU takes the whole epoch; Deno's, the slowest place of all, so many of its 300 steps that a snapshot is
 * among them. What the two compute is compared kernel by kernel in test/webgpu.
 */
const isShort = deviceName === "webgpu" && "Deno" in globalThis;
const SHORT_STEPS = 120;

/** The first of a loader's batches. */
const firstOf = (batches: DataLoader, count: number): TrainBatches => ({
  async *[Symbol.asyncIterator]() {
    let left = count;
    for await (const batch of batches) {
      yield batch;
      if (--left === 0) return;
    }
  },
});

/** One epoch from seed 0 on the default device, or its beginning. */
async function firstEpoch(): Promise<{ accuracy: number; loss: number }> {
  manualSeed(0);
  const model = new DropoutModel(0.5);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const [all, test] = [await mnistLoader(true), await mnistLoader(false)];
  const train = isShort ? firstOf(all, SHORT_STEPS) : all;
  const history = await fit(train, test, model, new nn.CrossEntropyLoss(), optimizer, 1, { progress: false });
  return { accuracy: history.valAccuracy[0] as number, loss: history.valLoss[0] as number };
}

job("is where PyTorch is after one epoch, and every device where the CPU is", async () => {
  const { accuracy, loss } = await firstEpoch();
  if (!isShort) {
    // PyTorch's own band over six seeds, a little widened.
    assert.ok(accuracy >= 0.92 && accuracy <= 0.945, `accuracy ${accuracy}`);
    assert.ok(loss >= 0.27 && loss <= 0.34, `loss ${loss}`);
  }
  if (deviceName === "cpu") return;
  forgetMnist();
  await useCpu();
  const cpu = await firstEpoch();
  forgetMnist();
  await useDevice();
  // 0.005: rounding flips a ReLU near zero sooner or later, and runs drift apart, as PyTorch's do with another BLAS.
  assert.ok(Math.abs(accuracy - cpu.accuracy) <= 0.005, `accuracy ${accuracy}, CPU ${cpu.accuracy}`);
});

job.run();
