import { suite } from "uvu";
import * as assert from "uvu/assert";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import { useDevice } from "../support/device.ts";

const reload = suite("an optimizer's state, loaded again and again");
reload.before(useDevice);

const STEPS = 12;

type State = Awaited<ReturnType<(Adam | SGD)["stateDict"]>>;
const load = (optimizer: Adam | SGD, state: State): void =>
  (optimizer as { loadStateDict(state: State): void }).loadStateDict(state);

const OPTIMIZERS: readonly (readonly [name: string, make: (model: nn.Sequential) => Adam | SGD])[] = [
  ["Adam", (model) => new Adam(model.parameters(), { lr: 0.01 })],
  ["SGD with momentum", (model) => new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 })],
];

/** The weights after some steps; with `every` the optimizer takes its own state over before each. */
async function weightsAfter(make: (model: nn.Sequential) => Adam | SGD, every: boolean): Promise<number[]> {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 4));
  const optimizer = make(model);
  const y = tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4));
  const others: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    if (every && i > 0) {
      const state = await optimizer.stateDict();
      load(optimizer, state);
    }
    const loss = new nn.CrossEntropyLoss()(model(randn(8, 16)), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    others.push(Number(await loss.item()));
  }
  return [...others, ...[...(await readState(model)).values()].flatMap(({ data }) => [...data])];
}

for (const [name, make] of OPTIMIZERS)
  reload(`${name}: the same bits as if it had stayed`, async () => {
    assert.equal(await weightsAfter(make, true), await weightsAfter(make, false));
  });

for (const [name, make] of OPTIMIZERS)
  reload(`${name}: going back to an earlier state repeats the steps from there, bit for bit`, async () => {
    manualSeed(2);
    const model = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 4));
    const optimizer = make(model);
    const y = tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4));
    const batches = Array.from({ length: 6 }, () => randn(8, 16).keep());
    const steps = async (from: number) => {
      for (const x of batches.slice(from)) {
        optimizer.zeroGrad();
        new nn.CrossEntropyLoss()(model(x), y).backward();
        await optimizer.step();
      }
      return [...(await readState(model)).values()].flatMap(({ data }) => [...data]);
    };
    await steps(3);
    const [weights, state] = [await readState(model), await optimizer.stateDict()];
    const first = await steps(0);
    model.loadStateDict(new Map([...weights].map(([key, { data, shape }]) => [key, tensor(data, { shape })])));
    load(optimizer, state);
    assert.equal(await steps(0), first);
  });

reload("two optimizers that take turns at the same parameters leave others their memory", async () => {
  const model = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 4));
  const optimizers = [new Adam(model.parameters()), new SGD(model.parameters(), { lr: 0.1 })];
  const y = tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4));
  for (let i = 0; i < 2 * STEPS; i++) {
    model.zeroGrad();
    new nn.CrossEntropyLoss()(model(randn(8, 16)), y).backward();
    await optimizers[i % 2]?.step();
  }
  // As large as all gradients end to end. Memory that was given back twice is handed out twice: two of these would be one.
  const others = Array.from({ length: 16 }, () => randn(768).add(1).keep());
  const first = (await Promise.all(others.map((other) => other.data()))).map(([value]) => value);
  assert.is(new Set(first).size, others.length);
});

reload.run();
