import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDevice } from "../../src/backend/device.ts";
import { type Counters, WebGpuBackend } from "../../src/backend/webgpu/webgpu.ts";
import { DropoutModel } from "../../src/cli/dropoutModel.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import { init } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { Adam } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { mnistLoader } from "../support/mnist.ts";

const training = suite("training on WebGPU");
training.before.each(useDevice);

const counters = (): Counters => {
  const { backend } = defaultDevice();
  assert.instance(backend, WebGpuBackend);
  return (backend as WebGpuBackend).counters;
};

interface Run {
  readonly losses: number[];
  readonly weights: Float32Array;
  readonly before: Counters;
  readonly after: Counters;
}

/** Steps of the reference job from seed 0, on a device by name; the losses are read at the end. */
async function train(device: "cpu" | "webgpu", steps: number): Promise<Run> {
  await init({ device });
  manualSeed(0);
  const loader = await mnistLoader(true);
  const model = new DropoutModel(0.5);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const lossFn = new nn.CrossEntropyLoss();
  const losses: Tensor[] = [];
  let [before, after]: [Counters | undefined, Counters | undefined] = [undefined, undefined];
  for await (const [images, labels] of loader) {
    // The data set was read once, for whichever device came first.
    const [x, y] = [images.to(device), labels.to(device)];
    const counting = device === "webgpu" && losses.length === steps - 1;
    if (counting) before = counters();
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    if (counting) after = counters();
    losses.push(loss);
    if (losses.length === steps) break;
  }
  const read = await Promise.all(losses.map((loss) => loss.item()));
  const weights = [...(await readState(model)).values()].flatMap(({ data }) => [...data]);
  const none: Counters = { submits: 0, dispatches: 0, maps: 0, buffersCreated: 0, buffersDestroyed: 0 };
  return {
    losses: read.map(Number),
    weights: Float32Array.from(weights),
    before: before ?? none,
    after: after ?? none,
  };
}

training("the first ten losses of the reference job are the CPU's, dropout included", async () => {
  const [gpu, cpu] = [await train("webgpu", 10), await train("cpu", 10)];
  gpu.losses.forEach((loss, i) => {
    // 1e-5: what float32 sums in another order leave after ten steps; a mask that differs in one bit changes 1e-3.
    assert.ok(Math.abs(loss - (cpu.losses[i] as number)) <= 1e-5, `step ${i + 1}: ${loss}, CPU ${cpu.losses[i]}`);
  });
});

training("a step is one submit of at most 30 dispatches, and reads nothing", async () => {
  const { before, after } = await train("webgpu", 6);
  assert.is(after.submits - before.submits, 1);
  assert.ok(after.dispatches - before.dispatches <= 30, `${after.dispatches - before.dispatches} dispatches`);
  assert.is(after.maps, before.maps);
});

training("the same run twice ends in the same bits", async () => {
  const [first, second] = [await train("webgpu", 8), await train("webgpu", 8)];
  assert.equal(second.losses, first.losses);
  assert.equal(second.weights, first.weights);
});

training("1,000 steps need no more buffers than 500", async () => {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(32, 16), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(16, 4));
  const optimizer = new Adam(model.parameters());
  const lossFn = new nn.CrossEntropyLoss();
  const [x, y] = [randn(8, 32), tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4))];
  const alive: number[] = [];
  for (let i = 1; i <= 1000; i++) {
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    const { buffersCreated, buffersDestroyed } = counters();
    if (i % 500 === 0) alive.push(buffersCreated - buffersDestroyed);
  }
  const [middle = 0, end = 0] = alive;
  // Losses and predictions that were dropped keep their buffers until the garbage collector has noticed.
  assert.ok(end - middle <= 64, `${middle} buffers after 500 steps, ${end} after 1,000`);
});

training("models, gradients and tensors move to WebGPU and back", async () => {
  const cpu = await init({ device: "cpu" });
  manualSeed(2);
  const model = new nn.Linear(3, 2);
  model(tensor([[1, 2, 3]]))
    .sum()
    .backward();
  const [weight, grad] = [await model.weight.data(), await model.weight.grad?.data()];
  const gpu = await init({ device: "webgpu" });
  model.to(gpu);
  assert.is(model.weight.device, gpu);
  assert.equal(await model.weight.data(), weight);
  assert.equal(await model.weight.grad?.data(), grad);
  const y = model(tensor([[1, 2, 3]]));
  assert.is(y.device, gpu);
  const there = await y.detach().cpu();
  assert.is(there.device, cpu);
  assert.equal(await there.data(), await y.data());
  assert.throws(() => model.to("cpu"), /await model\.cpu\(\)/);
  await model.cpu();
  assert.is(model.weight.device, cpu);
  assert.equal(await model.weight.data(), weight);
  assert.throws(() => model(tensor([[1, 2, 3]])), /live on/);
});

training.run();
