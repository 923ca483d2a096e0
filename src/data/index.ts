/**
 * Data: IDX files, data sets, loaders.
 *
 * @module
 */
export { type Batch, Dataset, TensorDataset } from "./dataset.ts";
export { decodeIdx } from "./decode.ts";
export type { DataRoot } from "./files.ts";
export type { IdxArray, IdxOptions } from "./idx.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export { FashionMNIST, loadMnist, MNIST, type MnistOptions } from "./mnist.ts";
