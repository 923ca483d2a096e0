import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDevice, setDefaultDevice } from "../../src/backend/device.ts";
import { type OpenedAdapter, openAdapter } from "../../src/backend/webgpu/adapter.ts";
import { findGpu } from "../../src/backend/webgpu/findGpu.ts";
import { WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { DeviceLostError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { init } from "../../src/index.ts";
import { CORE } from "../../src/init/core.ts";
import { openGpu } from "../../src/init/gpu.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { Adam } from "../../src/optim/index.ts";
import { type DeviceLoss, type FitOptions, fit, type History, type TrainBatches } from "../../src/train/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { noise } from "../support/gradcheck.ts";

const losses = suite("a GPU that is lost");

/** Five steps an epoch and a snapshot at every third: a loss can come before, at and behind one, and at an epoch's ends. */
const [SAMPLES, BATCH, EPOCHS, SNAPSHOT] = [50, 10, 2, 3];
const STEPS = SAMPLES / BATCH;

/** A GPU of this test's own: losing it takes nothing from others. `openings` limits how often it can be opened. */
async function ownGpu(openings = Number.POSITIVE_INFINITY): Promise<void> {
  const cpu = await init({ device: "cpu" });
  const { facts, open } = await openAdapter(await findGpu(), true);
  let opened = 0;
  const limited: OpenedAdapter = {
    facts,
    open: () => (++opened > openings ? Promise.reject(new DeviceLostError("no device any more")) : open()),
  };
  setDefaultDevice(await openGpu(CORE, cpu, limited));
}

function destroy(): void {
  const { backend } = defaultDevice();
  if (backend instanceof WebGpuBackend) backend.destroy();
}

interface Run {
  readonly history: History;
  readonly weights: Float32Array;
  readonly heard: readonly DeviceLoss[];
  readonly steps: readonly string[];
}

/** A small network with dropout, trained on the default device; `at` is told of every step that is. */
async function run(
  at: (epoch: number, step: number) => void,
  options: FitOptions & {
    plain?: boolean;
    masks?: "philox" | "torch";
    onLoss?: () => void;
    labels?: (target: Tensor) => Tensor;
  } = {},
): Promise<Run> {
  const { plain = false, masks = "philox", onLoss, labels = (target) => target, ...more } = options;
  manualSeed(3, { dropout: masks });
  const x = tensor(noise(SAMPLES * 6, 1), { shape: [SAMPLES, 6] });
  const y = tensor(Int32Array.from({ length: SAMPLES }, (_, i) => (i * 7) % 3));
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: BATCH, shuffle: true });
  const source: TrainBatches = plain ? { [Symbol.asyncIterator]: () => loader[Symbol.asyncIterator]() } : loader;
  const model = new nn.Sequential(new nn.Linear(6, 16), new nn.ReLU(), new nn.Dropout(0.4), new nn.Linear(16, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const heard: DeviceLoss[] = [];
  const steps: string[] = [];
  const crossEntropy = new nn.CrossEntropyLoss();
  const lossFn = (output: Tensor, target: Tensor) => {
    onLoss?.();
    return crossEntropy(output, labels(target));
  };
  const history = await fit(source, loader, model, lossFn, optimizer, EPOCHS, {
    progress: false,
    snapshotEvery: SNAPSHOT,
    onStep: ({ epoch, step }) => {
      steps.push(`${epoch}:${step}`);
      at(epoch, step);
    },
    onDeviceLost: (loss) => void heard.push(loss),
    ...more,
  });
  const weights = Float32Array.from([...(await readState(model)).values()].flatMap(({ data }) => [...data]));
  return { history, weights, heard, steps };
}

const all = Array.from({ length: EPOCHS * STEPS }, (_, i) => `${Math.floor(i / STEPS) + 1}:${(i % STEPS) + 1}`);

losses("at any step: the run ends in the same bits, and every step is told of once", async () => {
  await ownGpu();
  const undisturbed = await run(() => undefined);
  assert.equal(undisturbed.heard, []);
  for (const lostAt of all) {
    const { history, weights, heard, steps } = await run((epoch, step) => {
      if (`${epoch}:${step}` === lostAt) destroy();
    });
    assert.equal(weights, undisturbed.weights, `lost at ${lostAt}`);
    assert.equal({ ...history, seconds: 0 }, { ...undisturbed.history, seconds: 0 });
    assert.is(heard.length, 1, `lost at ${lostAt}`);
    assert.is(heard[0]?.device, "webgpu");
    assert.equal(steps, all);
  }
});

losses("with masks drawn on the host: the same bits too", async () => {
  await ownGpu();
  const undisturbed = await run(() => undefined, { masks: "torch" });
  for (const lostAt of ["1:2", "1:4", "2:5"]) {
    const { weights } = await run((epoch, step) => (`${epoch}:${step}` === lostAt ? destroy() : undefined), {
      masks: "torch",
    });
    assert.equal(weights, undisturbed.weights, `lost at ${lostAt}`);
  }
});

losses("between an epoch's training and its evaluation: nothing is trained again", async () => {
  await ownGpu();
  const undisturbed = await run(() => undefined);
  let tasks = 0;
  const { weights, heard } = await run((epoch, step) => {
    // Two reads come after the last step of an epoch: the snapshot's, then the evaluation's.
    if (epoch === 1 && step === STEPS) void untilSubmits(3).then(() => tasks++ === 0 && destroy());
  });
  assert.equal(weights, undisturbed.weights);
  assert.ok(heard.length <= 1);
});

/** Resolves when the device has been given so many lists more. */
async function untilSubmits(more: number): Promise<void> {
  const { backend } = defaultDevice();
  if (!(backend instanceof WebGpuBackend)) return;
  const goal = backend.counters.submits + more;
  while (backend.counters.submits < goal && !backend.isLost) await new Promise((resolve) => setTimeout(resolve, 1));
}

losses("for good: training goes on on the CPU, and says so", async () => {
  await ownGpu(1);
  const { history, weights, heard } = await run((epoch, step) => (epoch === 1 && step === 4 ? destroy() : undefined));
  assert.equal(
    heard.map(({ epoch, device }) => ({ epoch, device })),
    [{ epoch: 1, device: "cpu" }],
  );
  assert.is(defaultDevice().type, "cpu");
  assert.is(history.status, "completed");
  await init({ device: "cpu" });
  const onCpu = await run(() => undefined);
  // 1e-4: ten steps of float32 on two devices.
  weights.forEach((value, i) => {
    assert.ok(Math.abs(value - (onCpu.weights[i] as number)) <= 1e-4, `weight ${i}`);
  });
});

losses("again and again without a step between: the CPU takes over after three devices", async () => {
  await ownGpu();
  const { heard } = await run(() => undefined, { onLoss: destroy });
  assert.equal(
    heard.map(({ device }) => device),
    ["webgpu", "webgpu", "webgpu", "cpu"],
  );
});

losses("a loader that cannot go back: training goes on from the snapshot with the batches that are left", async () => {
  await ownGpu();
  const { history, heard } = await run((epoch, step) => (epoch === 1 && step === 4 ? destroy() : undefined), {
    plain: true,
  });
  assert.equal(
    heard.map(({ repeats }) => repeats),
    [false],
  );
  assert.is(history.status, "completed");
});

losses("that two runs share: both end in the bits of a run alone", async () => {
  await ownGpu();
  const alone = await run(() => undefined);
  const both = await Promise.all([
    run((epoch, step) => (epoch === 1 && step === 4 ? destroy() : undefined)),
    run(() => undefined),
  ]);
  for (const { weights, heard } of both) {
    assert.equal(weights, alone.weights);
    assert.is(heard.length, 1);
  }
});

losses("that is another one's: it ends nothing, and is not taken for the run's own", async () => {
  await ownGpu();
  const other = randn(3, 3).add(1).keep();
  const waiting = Array.from({ length: 40 }, (_, i) => tensor([i]).add(1));
  destroy();
  await other.data().then(
    () => assert.unreachable(),
    (error) => assert.instance(error, DeviceLostError),
  );
  await ownGpu();
  // Results that wait on the lost device are recycled in the middle of this run.
  const { heard, history } = await run(() => undefined);
  assert.equal(heard, []);
  assert.is(history.status, "completed");
  assert.ok(waiting.length > 0);
  const labels = (target: Tensor) => {
    other.add(1);
    return target;
  };
  const foreign = await run(() => undefined, { labels }).catch((error: unknown) => error);
  assert.instance(foreign, DeviceLostError);
});

losses("a label out of range that a snapshot comes upon ends the run all the same", async () => {
  await ownGpu();
  let calls = 0;
  // Only the device knows what the second step's labels are.
  const labels = (target: Tensor) => (++calls === 2 ? target.add(100) : target);
  await run(() => undefined, { snapshotEvery: 1, labels }).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, RangeError),
  );
});

losses(
  "outside fit: reading, computing and stepping throw DeviceLostError, and a new init computes again",
  async () => {
    await ownGpu();
    const x = randn(100, 300).keep();
    const y = x.add(1).keep();
    const w = tensor([1, 2], { requiresGrad: true });
    const optimizer = new Adam([w]);
    w.mul(w).sum().backward();
    const lost = (work: () => unknown) =>
      Promise.resolve()
        .then(work)
        .then(
          () => assert.unreachable(),
          (error) => assert.instance(error, DeviceLostError),
        );
    const pending = lost(() => y.data());
    destroy();
    await pending;
    await lost(() => y.data());
    await lost(() => y.add(1));
    await lost(() => optimizer.step());
    await init({ device: "webgpu" });
    assert.equal(await tensor([1, 2]).add(1).data(), Float32Array.of(2, 3));
    await init({ device: "cpu" });
    assert.equal(await tensor([1, 2]).add(1).data(), Float32Array.of(2, 3));
  },
);

losses.run();
