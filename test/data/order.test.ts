import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Generator } from "../../src/core/random.ts";
import { EpochOrder, splitIndices } from "../../src/data/order.ts";
import { readJson } from "../support/files.ts";

interface LoaderCase {
  n: number;
  batch_size: number;
  drop_last: boolean;
  seed: string;
  epochs: { batches: number[][]; rand_after: number }[];
  own_generator_seed: string;
  own_generator_epochs: number[][][];
}

interface Golden {
  dataloader: LoaderCase[];
  random_split_20_12_8: { seed: string; indices: number[][] };
}

const golden = await readJson<Golden>("test/golden/rng.json");
const order = suite("order");

/** The batches of one epoch, cut from the order as a loader cuts them. */
function drawEpoch(generator: Generator, own: boolean, { n, batch_size, drop_last }: LoaderCase): number[][] {
  const epoch = new EpochOrder(n, true, generator, own);
  const indices = [...(epoch.indices() ?? [])];
  epoch.finish();
  const batches: number[][] = [];
  for (let i = 0; i < n; i += batch_size) batches.push(indices.slice(i, i + batch_size));
  return drop_last ? batches.filter((batch) => batch.length === batch_size) : batches;
}

assert.is(golden.dataloader.length, 4);
for (const loader of golden.dataloader) {
  const { n, seed, epochs, own_generator_seed, own_generator_epochs } = loader;

  order(`follows PyTorch's loader over ${n} samples from the default generator, seed ${seed}`, () => {
    const generator = new Generator(BigInt(seed));
    assert.is(epochs.length, 2);
    for (const { batches, rand_after } of epochs) {
      assert.equal(drawEpoch(generator, false, loader), batches);
      assert.is(generator.rand(1)[0], rand_after);
    }
  });

  order(`follows PyTorch's loader over ${n} samples from a generator of its own, seed ${own_generator_seed}`, () => {
    const generator = new Generator(BigInt(own_generator_seed));
    assert.is(own_generator_epochs.length, 2);
    for (const batches of own_generator_epochs) assert.equal(drawEpoch(generator, true, loader), batches);
  });
}

order("splits a data set as PyTorch's random_split", () => {
  const { seed, indices } = golden.random_split_20_12_8;
  const parts = splitIndices([12, 8], new Generator(BigInt(seed)));
  assert.equal(
    parts.map((part) => [...part]),
    indices,
  );
});

/** How many words a generator of seed 5 has given when it is in the state of `generator`. */
function wordsDrawn(generator: Generator): number {
  const expected = generator.word();
  const fresh = new Generator(5);
  let count = 0;
  while (fresh.word() !== expected) if (++count > 1000) throw new Error("no word of seed 5 fits");
  return count;
}

const COSTS: [
  name: string,
  shuffle: boolean,
  own: boolean,
  words: [begun: number, ordered: number, finished: number],
][] = [
  ["an epoch in file order", false, false, [2, 2, 2]],
  ["an epoch in file order from an own generator", false, true, [2, 2, 2]],
  ["a shuffled epoch", true, false, [2, 4, 4]],
  ["a shuffled epoch from an own generator", true, true, [2, 11, 20]],
];

for (const [name, shuffle, own, words] of COSTS) {
  order(`draws for ${name} only what PyTorch draws, and when it does`, () => {
    const steps: ((epoch: EpochOrder) => unknown)[] = [
      () => null,
      (epoch) => epoch.indices(),
      (epoch) => epoch.finish(),
    ];
    for (const [last, expected] of words.entries()) {
      const generator = new Generator(5);
      const epoch = new EpochOrder(10, shuffle, generator, own);
      for (const step of steps.slice(0, last + 1)) step(epoch);
      assert.is(wordsDrawn(generator), expected);
    }
  });
}

order("draws an order and a finish once, however often they are asked for", () => {
  const generator = new Generator(5);
  const epoch = new EpochOrder(10, true, generator, true);
  assert.is(epoch.indices(), epoch.indices());
  epoch.finish();
  epoch.finish();
  assert.is(wordsDrawn(generator), 20);
});

order("has no indices for file order", () => {
  assert.is(new EpochOrder(10, false, new Generator(5), false).indices(), null);
});

order("takes what the program draws before the first batch from between the two seeds", () => {
  const generator = new Generator(5);
  const epoch = new EpochOrder(10, true, generator, false);
  generator.rand(1);
  const reference = new Generator(5);
  reference.random64(1);
  reference.rand(1);
  assert.equal(epoch.indices(), new Generator(reference.random64(1)[0]).randperm(10));
});

order("refuses a number of samples that counts nothing", () => {
  const generator = new Generator(5);
  for (const n of [-1, 0.5])
    assert.throws(
      () => new EpochOrder(n, true, generator, false),
      (error: unknown) => error instanceof RangeError && error.message.includes(`got ${n}`),
    );
  assert.is(wordsDrawn(generator), 0);
});

order("refuses lengths that count nothing", () => {
  assert.throws(
    () => splitIndices([3, -1], new Generator(5)),
    (error: unknown) => error instanceof RangeError && /randomSplit: .*\[3, -1\]/.test(error.message),
  );
});

order.run();
