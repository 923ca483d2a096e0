import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Generator } from "../../src/core/random.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { arange, zeros } from "../../src/create.ts";
import { rand } from "../../src/createRandom.ts";
import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { readJson } from "../support/files.ts";

const loading = suite("DataLoader");
loading.before(useDevice);

interface Golden {
  readonly n: number;
  readonly batch_size: number;
  readonly drop_last: boolean;
  readonly seed: string;
  readonly epochs: { readonly batches: number[][]; readonly rand_after: number }[];
  readonly own_generator_seed: string;
  readonly own_generator_epochs: number[][][];
}

const counting = (n: number) => new TensorDataset<readonly [Tensor]>(arange(n));

async function batches(epoch: AsyncIterable<readonly [Tensor]> | Iterable<readonly [Tensor]>): Promise<number[][]> {
  const found: number[][] = [];
  for await (const [x] of epoch) found.push(Array.from(await x.data()));
  return found;
}

/** The first numbers of `rand` after a seed: below 16 elements each takes one word, and an int64 takes two. */
async function firstWords(seed: number, n: number): Promise<number[]> {
  manualSeed(seed);
  const words = Array.from(await rand(n).data());
  manualSeed(seed);
  return words;
}

loading("shuffles like PyTorch, epoch after epoch, and costs the same draws", async () => {
  const { dataloader } = await readJson<{ dataloader: Golden[] }>("test/golden/rng.json");
  assert.is(dataloader.length, 4);
  for (const golden of dataloader) {
    const dataset = counting(golden.n);
    const options = { batchSize: golden.batch_size, dropLast: golden.drop_last, shuffle: true };
    manualSeed(BigInt(golden.seed));
    const loader = new DataLoader(dataset, options);
    for (const epoch of golden.epochs) {
      assert.equal(await batches(loader), epoch.batches);
      assert.is(await rand(1).item(), epoch.rand_after);
    }
  }
});

loading("shuffles like PyTorch with a generator of its own, whose state goes on", async () => {
  const { dataloader } = await readJson<{ dataloader: Golden[] }>("test/golden/rng.json");
  for (const golden of dataloader) {
    const generator = new Generator(BigInt(golden.own_generator_seed));
    const options = { batchSize: golden.batch_size, dropLast: golden.drop_last, shuffle: true, generator };
    const loader = new DataLoader(counting(golden.n), options);
    for (const epoch of golden.own_generator_epochs) assert.equal(await batches(loader), epoch);
  }
});

loading("a generator of its own leaves the standard one alone", async () => {
  const [first] = await firstWords(1, 1);
  await batches(new DataLoader(counting(5), { shuffle: true, generator: new Generator(7n) }));
  assert.is(await rand(1).item(), first);
});

loading("draws a base seed when an epoch is asked for, and the order with its first batch", async () => {
  const words = await firstWords(3, 6);
  const epoch = new DataLoader(counting(4), { shuffle: true })[Symbol.asyncIterator]();
  assert.is(await rand(1).item(), words[2], "the base seed takes two words");
  await epoch.next();
  assert.is(await rand(1).item(), words[5], "the sampler's seed takes two more");
});

loading("draws the base seed without shuffling too, and nothing else", async () => {
  const words = await firstWords(3, 3);
  await batches(new DataLoader(counting(4)));
  assert.is(await rand(1).item(), words[2]);
});

loading("inOrder gives file order, the last short batch included, and draws nothing", async () => {
  const [first] = await firstWords(5, 1);
  const loader = new DataLoader(counting(5), { batchSize: 2, shuffle: true, dropLast: true });
  assert.equal(await batches(loader.inOrder()), [[0, 1], [2, 3], [4]]);
  assert.is(await rand(1).item(), first);
});

loading("batches come in order, the last one short or left out", async () => {
  const loader = new DataLoader(counting(7), { batchSize: 3 });
  assert.equal(await batches(loader), [[0, 1, 2], [3, 4, 5], [6]]);
  assert.is(loader.length, 3);
  const full = new DataLoader(counting(7), { batchSize: 3, dropLast: true });
  assert.equal((await batches(full)).flat(), [0, 1, 2, 3, 4, 5]);
  assert.is(full.length, 2);
});

loading("a batch larger than the data set is short, or none", async () => {
  assert.equal(await batches(new DataLoader(counting(2), { batchSize: 5 })), [[0, 1]]);
  assert.equal(await batches(new DataLoader(counting(2), { batchSize: 5, dropLast: true })), []);
});

loading("one sample a batch is what comes without options", async () => {
  const loader = new DataLoader(counting(3));
  assert.equal(await batches(loader), [[0], [1], [2]]);
  assert.equal([loader.batchSize, loader.shuffle, loader.dropLast], [1, false, false]);
});

loading("leaving an epoch early harms no later one", async () => {
  const loader = new DataLoader(counting(9), { batchSize: 2, shuffle: true });
  for await (const [x] of loader) {
    assert.is(x.numel, 2);
    break;
  }
  const found = (await batches(loader)).flat().sort();
  assert.equal(found, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

loading("two epochs at once each give every sample once", async () => {
  const loader = new DataLoader(counting(6), { batchSize: 4, shuffle: true });
  const [a, b] = [loader[Symbol.asyncIterator](), loader[Symbol.asyncIterator]()];
  const found: number[][] = [[], []];
  for (let i = 0; i < 2; i++)
    for (const [k, epoch] of [a, b].entries()) {
      const { value } = await epoch.next();
      if (value) found[k]?.push(...(await value[0].data()));
    }
  assert.ok((await a.next()).done && (await b.next()).done);
  for (const each of found) assert.equal([...each].sort(), [0, 1, 2, 3, 4, 5]);
});

loading("an empty data set has no batches", async () => {
  for (const shuffle of [false, true]) {
    const loader = new DataLoader(new TensorDataset<readonly [Tensor]>(zeros(0, 3)), { batchSize: 2, shuffle });
    assert.is(loader.length, 0);
    assert.equal(await batches(loader), []);
    assert.equal(await batches(loader.inOrder()), []);
  }
});

loading("a batch size that is no positive integer is refused by value", () => {
  for (const batchSize of [0, -1, 1.5, Number.NaN, Infinity])
    assert.throws(
      () => new DataLoader(counting(3), { batchSize }),
      (error: unknown) => error instanceof RangeError && error.message.includes(`got ${batchSize}`),
    );
});

loading.run();
