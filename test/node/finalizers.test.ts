import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDevice } from "../../src/backend/device.ts";
import { tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import { liveCounts } from "../../src/lifetime.ts";
import * as nn from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { useCpu } from "../support/device.ts";

const finalizers = suite("finalizers");
finalizers.before(useCpu);

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

async function trainOnce(): Promise<void> {
  const model = new nn.Sequential(new nn.Linear(512, 512), new nn.ReLU(), new nn.Linear(512, 10));
  const optimizer = new Adam(model.parameters());
  for (let step = 0; step < 3; step++) {
    const loss = new nn.CrossEntropyLoss()(model(randn(4, 512)), tensor(Int32Array.of(0, 1, 2, 3)));
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
  }
}

finalizers("models, optimizers and gradients that nobody holds give their memory back", async () => {
  const { memory } = defaultDevice().host;
  const round = async () => {
    for (let i = 0; i < 5; i++) await trainOnce();
    collect();
    await turn();
    collect();
    await turn();
  };
  await round();
  await round();
  const before = memory.buffer.byteLength;
  // Each model holds four times 512 x 512 floats, 4 MiB: twelve rounds of five would be 240 MiB.
  for (let i = 0; i < 12; i++) await round();
  assert.ok(memory.buffer.byteLength - before <= 24 << 20, `${before} -> ${memory.buffer.byteLength}`);
});

finalizers("what the last steps of an optimizer left ends with it, and can be read until nobody holds it", async () => {
  const round = async () => {
    for (let i = 0; i < 5; i++) await trainOnce();
    for (let i = 0; i < 3; i++) {
      collect();
      await turn();
    }
  };
  const left = () => liveCounts().live - liveCounts().loose; // inputs and labels wait in a list of their own
  await round();
  const before = left();
  for (let i = 0; i < 4; i++) await round();
  // The last step's output and loss would stay of each of the twenty.
  assert.ok(left() - before <= 3, `${before} -> ${left()}`);

  const last = await (async () => {
    const model = new nn.Linear(40, 1000);
    const optimizer = new Adam(model.parameters());
    const output = model(randn(40, 40)); // 160 kB: such results are not moved to the host
    output.sum().backward();
    await optimizer.step();
    return output;
  })();
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  assert.is((await last.data()).length, 40 * 1000);
});

finalizers("gradients of a model whose optimizer was dropped share no memory with others", async () => {
  const model = new nn.Sequential(new nn.Linear(64, 64), new nn.ReLU(), new nn.Linear(64, 10));
  const backward = () => new nn.CrossEntropyLoss()(model(randn(4, 64)), tensor(Int32Array.of(0, 1, 2, 3))).backward();
  await (async () => {
    const optimizer = new Adam(model.parameters());
    for (let i = 0; i < 2; i++) {
      optimizer.zeroGrad();
      backward();
      await optimizer.step();
    }
    optimizer.zeroGrad();
  })();
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  for (let i = 0; i < 3; i++) {
    model.zeroGrad();
    backward();
  }
  // Memory that was given back twice is handed out twice: two of these would be one.
  const n = model.parameters().reduce((total, { numel }) => total + Math.ceil(numel / 64) * 64, 0);
  const others = Array.from({ length: 16 }, () => randn(n).add(1).keep());
  const first = (await Promise.all(others.map((other) => other.data()))).map(([value]) => value);
  assert.is(new Set(first).size, others.length);
});

finalizers("the JS heap does not grow with the steps of a training loop", async () => {
  const model = new nn.Sequential(new nn.Linear(8, 8), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(8, 3));
  const optimizer = new Adam(model.parameters());
  const lossFn = new nn.CrossEntropyLoss();
  const steps = async (n: number) => {
    for (let i = 0; i < n; i++) {
      const loss = lossFn(model(randn(4, 8)), tensor(Int32Array.of(0, 1, 2, 0)));
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
    }
    collect();
    await turn();
    collect();
    return process.memoryUsage().heapUsed;
  };
  // A leak shows in each of three windows; what an earlier test of this file or the engine's compiler leaves, in one.
  let [before, slope] = [await steps(2000), Number.POSITIVE_INFINITY];
  for (let window = 0; window < 3; window++) {
    const after = await steps(3000);
    [before, slope] = [after, Math.min(slope, (after - before) / 3000)];
  }
  assert.ok(slope <= 50, `${slope} bytes a step`);
});

finalizers("timers run while a long loop awaits nothing but steps", async () => {
  const model = new nn.Linear(64, 64);
  const optimizer = new Adam(model.parameters());
  let ticks = 0;
  const timer = setInterval(() => ticks++, 20);
  const start = performance.now();
  while (performance.now() - start < 600) {
    optimizer.zeroGrad();
    model(randn(64, 64)).sum().backward();
    await optimizer.step();
  }
  clearInterval(timer);
  // 30 would be all; a busy machine may lose some.
  assert.ok(ticks >= 12, `${ticks} ticks of 30`);
});

finalizers.run();
