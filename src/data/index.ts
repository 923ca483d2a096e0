/**
 * Data: data sets and loaders in PyTorch's order for the same seed, IDX files, MNIST.
 *
 * @example
 * ```ts
 * import { DataLoader, loadMnist, TensorDataset } from "torchlet/data";
 *
 * const trainLoader = await loadMnist("datasets", { batchSize: 200, train: true }); // shuffled
 * const own = new DataLoader(new TensorDataset(randn(100, 4), randint(0, 2, [100])), { batchSize: 10, shuffle: true });
 * for await (const [x, y] of own) console.log(x.shape, y.shape); // [10, 4], [10]
 * ```
 *
 * @module torchlet/data
 */
export { type Batch, Dataset, TensorDataset } from "./dataset.ts";
export { decodeIdx } from "./decode.ts";
export type { DataRoot } from "./files.ts";
export type { IdxArray, IdxOptions } from "./idx.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export { FashionMNIST, loadMnist, MNIST, type MnistOptions } from "./mnist.ts";
