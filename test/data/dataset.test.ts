import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, ShapeError } from "../../src/core/errors.ts";
import { arange, ones, tensor } from "../../src/create.ts";
import { DataLoader, Dataset, TensorDataset } from "../../src/data/index.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";

const datasets = suite("Dataset");
datasets.before(useDevice);

/** Samples made by a function. */
class Made extends Dataset<readonly Tensor[]> {
  readonly length: number;
  readonly #make: (index: number) => readonly Tensor[];

  constructor(length: number, make: (index: number) => readonly Tensor[]) {
    super();
    this.length = length;
    this.#make = make;
  }

  get(index: number): readonly Tensor[] {
    return this.#make(index);
  }
}

/** What the first batch of a whole data set throws. */
const refusal = (dataset: Dataset<readonly Tensor[]>): Promise<unknown> =>
  new DataLoader(dataset, { batchSize: dataset.length })
    [Symbol.asyncIterator]()
    .next()
    .then(
      () => "nothing was thrown",
      (error: unknown) => error,
    );

datasets("one with only length and get is stacked along a new first dimension", async () => {
  const squares = new Made(5, (i) => [tensor([i, i * i]), tensor(i, { dtype: "int32" })]);
  const found = [];
  for await (const [x, y] of new DataLoader(squares, { batchSize: 2 })) {
    assert.equal([x?.dtype, y?.dtype], ["float32", "int32"]);
    found.push([await x?.toArray(), await y?.toArray()]);
  }
  assert.equal(found, [
    [
      [
        [0, 0],
        [1, 1],
      ],
      [0, 1],
    ],
    [
      [
        [2, 4],
        [3, 9],
      ],
      [2, 3],
    ],
    [[[4, 16]], [4]],
  ]);
});

datasets("a sample with more or fewer parts than the first is refused", async () => {
  for (const odd of [1, 3]) {
    const uneven = new Made(3, (i) => Array.from({ length: i === 2 ? odd : 2 }, () => tensor([i])));
    const error = await refusal(uneven);
    assert.instance(error, DataError);
    assert.match(String(error), `sample 2 of the batch has ${odd} parts, the first one 2`);
  }
});

datasets("samples that operations have made are stacked too, transposed ones and bytes included", async () => {
  const bytes = tensor([0, 1, 2, 3, 4, 5], { dtype: "uint8" }).reshape(2, 3);
  const made = new Made(2, (i) => [arange(6).reshape(2, 3).add(i).transpose(0, 1), bytes.transpose(0, 1)]);
  const [x, y] = made.batch(Int32Array.of(0, 1));
  const columns = [
    [0, 3],
    [1, 4],
    [2, 5],
  ];
  assert.equal(await x?.toArray(), [columns, columns.map((row) => row.map((value) => value + 1))]);
  assert.equal(await y?.toArray(), [columns, columns]);
});

datasets("samples of different shapes are refused with both", async () => {
  const error = await refusal(new Made(2, (i) => [ones(i + 1)]));
  assert.ok(error instanceof ShapeError && /\[2\].*\[1\]/.test(error.message), String(error));
});

datasets("samples of different dtypes are refused with both", async () => {
  const error = await refusal(new Made(2, (i) => [ones([1], { dtype: i === 0 ? "float32" : "int32" })]));
  assert.ok(error instanceof ShapeError && /int32.*float32/.test(error.message), String(error));
});

datasets("samples that are no tensors, or hold too few, are refused by number", async () => {
  const numbers = await refusal(new Made(2, (i) => [i as unknown as Tensor]));
  assert.ok(numbers instanceof DataError && /sample 0.*get\(\)/.test(numbers.message), String(numbers));
  const fewer = await refusal(new Made(2, (i) => (i === 0 ? [ones(1), ones(1)] : [ones(1)])));
  assert.ok(fewer instanceof DataError && /sample 1/.test(fewer.message), String(fewer));
});

datasets("what get throws comes out of the loop", async () => {
  const error = new Error("the disk is gone");
  const thrown = await refusal(
    new Made(2, () => {
      throw error;
    }),
  );
  assert.is(thrown, error);
});

datasets("a batch of no indices is refused", () => {
  assert.throws(
    () => new Made(2, () => [ones(1)]).batch(new Int32Array(0)),
    (error: unknown) => error instanceof DataError && error.message.includes("at least one"),
  );
});

const tensors = suite("TensorDataset");
tensors.before(useDevice);

tensors("gathers rows of every dtype", async () => {
  const x = tensor([0.5, 1.5, 2.5]);
  const y = tensor([7, -8, 9], { dtype: "int32" });
  const z = tensor([0, 128, 255], { dtype: "uint8" });
  const w = tensor([1, 0, 1], { dtype: "bool" });
  const batch = new TensorDataset<readonly Tensor[]>(x, y, z, w).batch(Int32Array.of(2, 0, 2));
  assert.equal(
    batch.map(({ dtype }) => dtype),
    ["float32", "int32", "uint8", "bool"],
  );
  const rows = await Promise.all(batch.map(async (part) => Array.from(await part.data(), Number)));
  assert.equal(rows, [
    [2.5, 0.5, 2.5],
    [9, 7, 9],
    [255, 0, 255],
    [1, 1, 1],
  ]);
});

tensors("gathers rows of transposed tensors and of many dimensions", async () => {
  const dataset = new TensorDataset(arange(6).reshape(3, 2).transpose(0, 1), arange(8).reshape(2, 1, 2, 2));
  const [x, y] = dataset.batch(Int32Array.of(1, 0));
  assert.equal(await x.toArray(), [
    [1, 3, 5],
    [0, 2, 4],
  ]);
  assert.equal(y.shape, [2, 1, 2, 2]);
  assert.equal(Array.from(await y.data()), [4, 5, 6, 7, 0, 1, 2, 3]);
});

tensors("get gives one row without the first dimension", async () => {
  const [x, y] = new TensorDataset(arange(6).reshape(3, 2), arange(3)).get(2);
  assert.equal([x.shape, y.shape], [[2], []]);
  assert.equal([await x.toArray(), await y.item()], [[4, 5], 2]);
});

tensors("an index outside the data set is refused with its range", () => {
  const dataset = new TensorDataset(ones(3), ones(3));
  const refused = (index: number) => (error: unknown) =>
    error instanceof RangeError && error.message.endsWith(`a whole number in [0, 3), got ${index}`);
  for (const index of [-1, 3]) assert.throws(() => dataset.batch(Int32Array.of(0, index)), refused(index));
  for (const index of [-1, 3, 1.5, Number.NaN]) assert.throws(() => dataset.get(index), refused(index));
});

tensors("tensors of different lengths, scalars and none at all are refused", () => {
  assert.throws(
    () => new TensorDataset(ones(3), ones(4, 3)),
    (error: unknown) => error instanceof ShapeError && /\[3\] and \[4, 3\]/.test(error.message),
  );
  const isShapeError = (error: unknown) => error instanceof ShapeError;
  assert.throws(() => new TensorDataset<readonly [Tensor]>(tensor(1)), isShapeError);
  assert.throws(() => new TensorDataset<readonly []>(), isShapeError);
});

tensors("batches that nobody uses cost no device memory", async () => {
  const dataset = new TensorDataset<readonly [Tensor]>(ones(1000, 100));
  await dataset.batch(Int32Array.of(0))[0].data();
  const before = diagnose().heldBytes;
  const kept = Array.from({ length: 20 }, () => dataset.batch(Int32Array.from({ length: 1000 }, (_, i) => i)));
  assert.is(diagnose().heldBytes, before);
  assert.is(await kept[7]?.[0].sum().item(), 100_000);
});

datasets.run();
tensors.run();
