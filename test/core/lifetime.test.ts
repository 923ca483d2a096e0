import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StaleTensorError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { arange, ones, tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import * as nn from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";

const lifetime = suite("lifetime of results");
lifetime.before(useDevice);

lifetime("what a module returned lives until the second following step; small tensors for good", async () => {
  const layer = new nn.Linear(200, 200);
  const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
  const step = async () => {
    optimizer.zeroGrad();
    const y = layer(ones(200, 200));
    const loss = y.sum();
    loss.backward();
    await optimizer.step();
    return { y, loss };
  };
  const { y, loss } = await step();
  await y.data();
  await step();
  await step();
  await y.data().then(
    () => assert.unreachable("y was read"),
    (error: unknown) => assert.instance(error, StaleTensorError),
  );
  assert.type(await loss.item(), "number");
});

lifetime("losses read long after their steps are what they were, those kept in between too", async () => {
  const losses = async (each: (found: Tensor[], step: number) => void | Promise<void>) => {
    manualSeed(3);
    const layer = new nn.Linear(3, 2);
    const optimizer = new SGD(layer.parameters(), { lr: 0.01 });
    const found: Tensor[] = [];
    for (let step = 0; step < 120; step++) {
      optimizer.zeroGrad();
      const loss = layer(ones(4, 3).mul(step)).pow(2).mean();
      loss.backward();
      await optimizer.step();
      found.push(loss);
      await each(found, step);
    }
    return found;
  };
  const atOnce: unknown[] = [];
  await losses(async (found, step) => void atOnce.push(await found[step]?.item()));
  const late = await losses((found, step) => {
    if (step % 10 === 0) found[step - 5]?.keep();
    if (step === 73) found[68]?.dispose();
  });
  await late[68]?.item().then(
    () => assert.unreachable("a disposed loss was read"),
    (error: unknown) => assert.instance(error, StaleTensorError),
  );
  late[68] = tensor(atOnce[68] as number);
  assert.equal(await Promise.all(late.map((loss) => loss.item())), atOnce);
  for (const loss of late) loss.dispose();
});

lifetime("data tensors and kept tensors are never stale", async () => {
  const data = randn(100, 300);
  const layer = new nn.Linear(300, 300);
  const optimizer = new SGD(layer.parameters(), { lr: 0 });
  const kept = layer(data).keep();
  const first = await kept.data();
  for (let i = 0; i < 5; i++) {
    layer(data).sum().backward();
    await optimizer.step();
  }
  assert.equal(await kept.data(), first);
  assert.is((await data.data()).length, 30000);
  kept.dispose();
});

lifetime("a disposed tensor says so", async () => {
  const x = arange(3).mul(2);
  x.dispose();
  await x.data().then(
    () => assert.unreachable("it was read"),
    (error: unknown) => assert.ok(error instanceof StaleTensorError && /dispose/.test(error.message)),
  );
});

lifetime.run();
