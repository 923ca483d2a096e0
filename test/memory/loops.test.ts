import { suite } from "uvu";
import * as assert from "uvu/assert";
import { noGrad } from "../../src/autograd.ts";
import { defaultDevice } from "../../src/backend/device.ts";
import { tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import { liveCounts } from "../../src/lifetime.ts";
import * as nn from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { deviceName, threads, useDevice } from "../support/device.ts";

const loops = suite("memory stays flat");
loops.before(useDevice);

/**
 * Two threads must not leave behind more than one: half of 1,000 steps is more than the 128 results that may wait, so a tensor
 * that each step leaves is seen, and the bytes that it has in the threads' memory too. Steps of a software GPU take longest.
 */
const STEPS_OF_CPU = threads > 1 ? 1000 : 10_000;
const STEPS = deviceName === "webgpu" ? 300 : STEPS_OF_CPU;
const ROWS = 8;

interface Sample {
  readonly wasm: number;
  readonly live: number;
  readonly held: number;
}
const sample = (): Sample => {
  const { live, heldBytes } = diagnose();
  return { wasm: defaultDevice().host.memory.buffer.byteLength, live, held: heldBytes };
};

/** Classifier of 64 inputs, and batches of user data for it. */
function classifier() {
  const model = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(32, 5));
  const optimizer = new Adam(model.parameters());
  const lossFn = new nn.CrossEntropyLoss();
  const batch = () => [randn(ROWS, 64), tensor(Int32Array.from({ length: ROWS }, (_, i) => i % 5))] as const;
  return { model, optimizer, lossFn, batch };
}

/**
 * Runs `step` often and compares the middle with the end. 128 results without a graph wait before they move
 * to the host, so counts may differ by that much, and bytes by the 8 MiB the list may hold; WASM memory must not grow at all.
 */
async function flat(name: string, step: (i: number) => Promise<void> | void): Promise<void> {
  for (let i = 0; i < STEPS / 2; i++) await step(i);
  const middle = sample();
  for (let i = STEPS / 2; i < STEPS; i++) await step(i);
  const end = sample();
  assert.ok(end.live - middle.live <= 128, `${name}: live ${middle.live} -> ${end.live}`);
  assert.ok(end.held - middle.held <= 8 << 20, `${name}: held ${middle.held} -> ${end.held}`);
  assert.is(end.wasm, middle.wasm, `${name}: WASM memory grew`);
}

loops("plain training, with the loss read now and then", async () => {
  const { model, optimizer, lossFn, batch } = classifier();
  await flat("plain", async (i) => {
    const [x, y] = batch();
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    if (i % 100 === 0) await loss.item();
  });
});

loops("losses and predictions collected, all readable at the end", async () => {
  const { model, optimizer, lossFn, batch } = classifier();
  const collected: Tensor[] = [];
  await flat("collected", async () => {
    const [x, y] = batch();
    const output = model(x);
    const loss = lossFn(output, y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    collected.push(output, loss, output.argmax(1));
  });
  for (const each of collected) assert.ok((await each.data()).length > 0);
});

loops("gradients accumulated over eight batches", async () => {
  const { model, optimizer, lossFn, batch } = classifier();
  await flat("accumulated", async (i) => {
    const [x, y] = batch();
    lossFn(model(x), y).div(8).backward();
    if (i % 8 !== 7) return;
    await optimizer.step();
    optimizer.zeroGrad();
  });
});

loops("a generator and a critic with an optimizer each", async () => {
  const generator = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 64));
  const critic = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Dropout(0.3), new nn.Linear(32, 1));
  const [ofGenerator, ofCritic] = [new Adam(generator.parameters()), new Adam(critic.parameters())];
  await flat("GAN", async (i) => {
    ofCritic.zeroGrad();
    const fake = generator(randn(ROWS, 16));
    critic(fake.detach())
      .mean()
      .sub(critic(randn(ROWS, 64)).mean())
      .backward();
    await ofCritic.step();
    if (i % 3 !== 0) return;
    ofGenerator.zeroGrad();
    critic(fake).mean().neg().backward();
    await ofGenerator.step();
    await fake.data();
  });
});

loops("evaluation under noGrad, with batches collected", async () => {
  const { model, lossFn, batch } = classifier();
  model.eval();
  await flat("noGrad", async (i) => {
    const [x, y] = batch();
    const [classes, loss] = noGrad(() => {
      const output = model(x);
      return [output.argmax(1), lossFn(output, y)] as const;
    });
    if (i % 50 === 0) await Promise.all([classes.data(), loss.item()]);
  });
});

loops("a running total of losses", async () => {
  const { model, optimizer, lossFn, batch } = classifier();
  let total = tensor(0);
  await flat("total", async () => {
    const [x, y] = batch();
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    total = total.add(loss.detach());
  });
  assert.ok(Number.isFinite(await total.item()));
});

loops("backward without a step, with and without an optimizer", async () => {
  for (const owned of [true, false]) {
    const { lossFn, batch } = classifier();
    const model = new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 5));
    const optimizer = owned ? new Adam(model.parameters()) : undefined;
    await flat(`owned ${owned}`, () => {
      const [x, y] = batch();
      model.zeroGrad();
      lossFn(model(x), y).backward();
    });
    assert.is(optimizer !== undefined, owned);
  }
});

loops("validation without noGrad between training steps", async () => {
  const { model, optimizer, lossFn, batch } = classifier();
  await flat("validation", async () => {
    const [x, y] = batch();
    await lossFn(model(x), y).item();
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
  });
});

loops("user data prepared by operations outside modules", async () => {
  const model = new nn.Linear(400, 5);
  const optimizer = new Adam(model.parameters());
  const mean = randn(400);
  await flat("prepared", async () => {
    // 64 rows of 400 floats are over 64 KiB: they end with the graph that used them.
    const x = randn(64, 400).mul(2).sub(mean).div(3);
    optimizer.zeroGrad();
    model(x).sum().backward();
    await optimizer.step();
  });
});

loops("bare forwards are held at the budget, and the last result can be read", async () => {
  const model = new nn.Sequential(new nn.Linear(4, 8192), new nn.ReLU());
  const { budget } = defaultDevice().backend;
  let last: Tensor | undefined;
  // Each forward holds 2 x 64 x 8,192 floats, 4 MiB: 300 of them pass the budget twice.
  for (let i = 0; i < 300; i++) last = model(randn(64, 4));
  assert.ok(diagnose().heldBytes <= budget * 1.05, String(diagnose().heldBytes));
  assert.is((await last?.data())?.length, 64 * 8192);
});

loops("what a module disposes of and returns all the same leaves nothing behind", async () => {
  class Careless extends nn.Module {
    forward(x: Tensor) {
      const y = x.mul(2);
      y.dispose();
      return y;
    }
  }
  const model = new Careless();
  const before = liveCounts();
  for (let i = 0; i < 300; i++) model(tensor([1, 2]));
  const { live, loose } = liveCounts();
  assert.is(live - loose, before.live - before.loose);
  assert.ok(loose <= 128, String(loose));
});

loops.run();
