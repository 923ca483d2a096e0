import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DeviceError } from "../../src/core/errors.ts";
import { Generator } from "../../src/core/random.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import { rand, randn } from "../../src/createRandom.ts";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { parse } from "../../src/io/safetensors.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { evaluate, fit, type FitOptions, type History } from "../../src/train/index.ts";
import { deviceName, useDevice } from "../support/device.ts";

const fitting = suite("fit");
fitting.before(useDevice);

const quiet = { progress: false } as const;

/** A small problem: the class is the larger of two inputs, 53 samples in batches of 8. */
async function problem(seed: number) {
  manualSeed(seed);
  const x = randn(53, 2);
  const pairs = await x.data();
  const labels = Int32Array.from({ length: 53 }, (_, i) =>
    Number((pairs[2 * i] as number) < (pairs[2 * i + 1] as number)),
  );
  const dataset = new TensorDataset(x, tensor(labels));
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(16, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const [train, val] = [
    new DataLoader(dataset, { batchSize: 8, shuffle: true }),
    new DataLoader(dataset, { batchSize: 8 }),
  ];
  const lossFn = new nn.CrossEntropyLoss();
  const run = (epochs: number, options: FitOptions = {}): Promise<History> =>
    fit(train, val, model, lossFn, optimizer, epochs, { ...quiet, ...options });
  return { model, optimizer, train, val, lossFn, run };
}

const bits = async (model: nn.Module) => Array.from((await readState(model)).values(), ({ data }) => data);

fitting("learns, and returns a history that evaluation confirms", async () => {
  const { run, val, model, lossFn } = await problem(1);
  const history = await run(20);
  assert.is(history.status, "completed");
  for (const list of [history.trainLoss, history.trainAccuracy, history.valLoss, history.valAccuracy])
    assert.is(list.length, 20);
  assert.ok((history.valAccuracy.at(-1) as number) > 0.9);
  assert.ok((history.trainLoss.at(-1) as number) < (history.trainLoss[0] as number));
  const { loss, accuracy } = await evaluate(val, model, lossFn);
  assert.is(loss, history.valLoss.at(-1));
  assert.is(accuracy, history.valAccuracy.at(-1));
  assert.ok(history.seconds > 0);
});

fitting("evaluation is the mean of batch means, over all samples, in evaluation mode, and draws nothing", async () => {
  const { val, model, lossFn } = await problem(2);
  manualSeed(9);
  const first = await rand(1).item();
  manualSeed(9);
  model.train();
  const { loss, accuracy } = await evaluate(val, model, lossFn);
  assert.is(await rand(1).item(), first);
  assert.ok(model.training);
  model.eval();
  let [sum, correct, batches] = [0, 0, 0];
  for (const [x, y] of val.inOrder()) {
    const output = model(x);
    sum += Number(await lossFn(output, y).item());
    correct += Number(await output.argmax(1).eq(y).sum().item());
    batches++;
  }
  assert.is(batches, 7);
  assert.is(loss, sum / batches);
  assert.is(accuracy, correct / 53);
});

fitting(
  "every batch is trained in training mode and evaluated in evaluation mode, whatever a callback set",
  async () => {
    const { model, run } = await problem(3);
    const dropout = model[2] as nn.Dropout;
    const modes: boolean[] = [];
    const forward = dropout.forward.bind(dropout);
    // A module of another class is called; a Dropout would be merged with the layer before it.
    const watched = new (class extends nn.Module {
      forward(x: Tensor) {
        modes.push(this.training);
        return forward(x);
      }
    })();
    (model as unknown as Record<string, nn.Module>)[2] = watched;
    await run(1, { onStep: () => void model.eval() });
    assert.equal(modes, [...Array(7).fill(true), ...Array(14).fill(false)]);
  },
);

fitting("a model's own train() is called before every batch", async () => {
  const { model, run } = await problem(3);
  const calls: boolean[] = [];
  const train = model.train.bind(model);
  model.train = (mode = true) => {
    calls.push(mode);
    return train(mode);
  };
  await run(1);
  // 7 batches to train with, then twice 7 to evaluate and each time the mode as it was.
  assert.equal(calls, [...Array(7).fill(true), ...Array(7).fill(false), true, ...Array(7).fill(false), true]);
});

fitting("prints the notebook's lines, or nothing", async () => {
  const { run } = await problem(3);
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await run(2);
    assert.equal(lines, []);
    await run(2, { progress: true });
  } finally {
    console.log = log;
  }
  assert.is(lines.length, 3);
  const number = "\\d\\.\\d{5}";
  const text = `- Train loss: ${number} Train Accuracy: ${number} \\|\\| Validation Loss: ${number} Validation Accuracy: ${number}$`;
  assert.match(lines[0] as string, new RegExp(`^Epoch\\[1/2\\] ${text}`));
  assert.match(lines[2] as string, /^\d+\.\d\d seconds$/);
});

fitting("the same seed gives the same bits, a given generator too", async () => {
  const once = async (options: () => FitOptions) => {
    const { run, model } = await problem(4);
    await run(3, options());
    return bits(model);
  };
  const plain = await once(() => ({}));
  assert.equal(await once(() => ({})), plain);
  const own = await once(() => ({ generator: new Generator(5) }));
  assert.equal(await once(() => ({ generator: new Generator(5) })), own);
  assert.not.equal(own, plain);
});

fitting("two fits at once give what they give one after the other", async () => {
  const pair = async (together: boolean) => {
    const [a, b] = [await problem(5), await problem(6)];
    manualSeed(7);
    if (together) await Promise.all([a.run(4), b.run(4)]);
    else {
      await a.run(4);
      await b.run(4);
    }
    return [await bits(a.model), await bits(b.model)];
  };
  assert.equal(await pair(true), await pair(false));
});

fitting("callbacks see every step and epoch", async () => {
  const { run } = await problem(8);
  const steps: string[] = [];
  const epochs: number[] = [];
  await run(2, {
    onStep: ({ epoch, step, steps: of, samples }) => {
      steps.push(`${epoch}:${step}/${of}:${samples}`);
    },
    onEpoch: ({ epoch, epochs: of, valAccuracy }) => {
      epochs.push(epoch);
      assert.is(of, 2);
      assert.ok(valAccuracy >= 0 && valAccuracy <= 1);
    },
  });
  assert.equal(epochs, [1, 2]);
  assert.is(steps.length, 14);
  assert.equal([steps[0], steps[6], steps[13]], ["1:1/7:8", "1:7/7:5", "2:7/7:5"]);
});

fitting("saves on improvement only, bytes that hold the weights of that epoch", async () => {
  const { run, model } = await problem(9);
  const saved: Uint8Array<ArrayBuffer>[] = [];
  const states: Awaited<ReturnType<typeof readState>>[] = [];
  const history = await run(6, {
    saveBestModel: true,
    saveModelPath: (bytes) => {
      saved.push(bytes);
    },
    onEpoch: async () => {
      states.push(await readState(model));
    },
  });
  const improved = history.valLoss.flatMap((loss, i) =>
    loss < Math.min(Infinity, ...history.valLoss.slice(0, i)) ? [i] : [],
  );
  assert.is(saved.length, improved.length);
  improved.forEach((epoch, i) => {
    const { tensors } = parse(saved[i] as Uint8Array);
    for (const [name, { data, shape }] of states[epoch] as (typeof states)[0]) {
      assert.equal(tensors.get(name)?.data, data);
      assert.equal(tensors.get(name)?.shape, shape);
    }
  });
});

fitting("stops early after patience epochs without improvement, and gives the best weights back", async () => {
  const { model, train, val, optimizer } = await problem(10);
  const lossFn = new nn.CrossEntropyLoss();
  const best: Float32Array[][] = [];
  // A validation that is best at the second epoch and worse from then on.
  const values = [3, 1, 2, 2, 2, 2, 2, 2];
  let epoch = 0;
  const validation = { inOrder: () => val.inOrder(), [Symbol.asyncIterator]: () => val[Symbol.asyncIterator]() };
  const judged = (output: Parameters<typeof lossFn>[0], target: Parameters<typeof lossFn>[1]) =>
    model.training
      ? lossFn(output, target)
      : lossFn(output, target)
          .mul(0)
          .add(values[epoch] as number);
  const history = await fit(train, validation, model, judged, optimizer, 8, {
    ...quiet,
    earlyStopping: true,
    patience: 3,
    restoreBest: true,
    onEpoch: async () => {
      best.push(await bits(model));
      epoch++;
    },
  });
  assert.is(history.status, "stopped");
  assert.is(history.valLoss.length, 5);
  assert.equal(await bits(model), best[1]);
});

fitting("an abort stops between two steps and leaves a usable model", async () => {
  for (const at of [1, 5, 9]) {
    const { run, model, val, lossFn } = await problem(11);
    const controller = new AbortController();
    let steps = 0;
    const history = await run(3, {
      signal: controller.signal,
      onStep: () => {
        if (++steps === at) controller.abort();
      },
    });
    assert.is(history.status, "aborted");
    assert.is(steps, at);
    assert.is(history.valLoss.length, at < 7 ? 0 : 1);
    assert.ok(Number.isFinite((await evaluate(val, model, lossFn)).loss));
  }
  const { run } = await problem(12);
  assert.is((await run(2, { signal: AbortSignal.abort() })).status, "aborted");
});

fitting("an exception of a callback comes through", async () => {
  const { run } = await problem(13);
  const onStep = () => {
    throw new RangeError("mine");
  };
  await run(1, { onStep }).then(
    () => assert.unreachable(),
    (error: unknown) => assert.is((error as Error).message, "mine"),
  );
});

fitting("binary mode judges probabilities by 0.5", async () => {
  manualSeed(14);
  const x = randn(40, 3);
  const y = tensor(
    Float32Array.from(await x.sum(1).data(), (value) => Number(value > 0)),
    { shape: [40, 1] },
  );
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 10, shuffle: true });
  const model = new nn.Sequential(new nn.Linear(3, 8), new nn.Tanh(), new nn.Linear(8, 1), new nn.Sigmoid());
  const history = await fit(loader, loader, model, new nn.BCELoss(), new SGD(model.parameters(), { lr: 0.5 }), 30, {
    ...quiet,
    mode: "binary",
  });
  assert.ok((history.valAccuracy.at(-1) as number) >= 0.9, String(history.valAccuracy));
});

fitting("options that make no sense are refused before anything is trained", async () => {
  const { run, model } = await problem(15);
  const before = await bits(model);
  const refused = async (epochs: number, options: FitOptions, type: new (...given: never[]) => Error, text: RegExp) =>
    run(epochs, options).then(
      () => assert.unreachable(),
      (error: unknown) => assert.ok(error instanceof type && text.test(error.message), String(error)),
    );
  await refused(0, {}, RangeError, /epochs must be a positive integer, got 0/);
  await refused(1.5, {}, RangeError, /got 1\.5/);
  await refused(1, { patience: 0 }, RangeError, /patience/);
  await refused(1, { mode: "regression" as "multi" }, TypeError, /"regression"/);
  await refused(1, { saveBestModel: true }, TypeError, /saveModelPath/);
  const other = deviceName === "cpu" ? "webgpu" : "cpu";
  await refused(1, { device: other }, DeviceError, new RegExp(other));
  assert.equal(await bits(model), before);
});

fitting.run();
