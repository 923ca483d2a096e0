// The model and the data that all peers train, where a library does not bring them.

/** Features of the reference model, from the pixels to the classes. */
export const SIZES = [784, 256, 256, 128, 128, 10];
/** Samples in a batch of the reference job. */
export const BATCH = 200;
/** What Adam takes. */
export const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** About as many pixels of MNIST are not black. */
const DENSITY = 0.19;

/** Features of the model that `grow` trains: two hidden layers of `width`, or the reference model's for 0. */
export const sizesOf = (width) => (width ? [SIZES[0], width, width, SIZES.at(-1)] : SIZES);

/** PyTorch's first weights and biases of a Linear: uniform in ±1 / √inputs. */
export function drawUniform(count, inputs) {
  return Float32Array.from({ length: count }, () => (2 * Math.random() - 1) / Math.sqrt(inputs));
}

/**
 * A batch to train on again and again: `x` f32[batch * 784] in [0, 1) and `y` i32[batch].
 *
 * @param dense whether all pixels are drawn, or as many as MNIST has
 */
export function drawBatch(batch, dense) {
  const pixel = () => (dense || Math.random() < DENSITY ? Math.random() : 0);
  const x = Float32Array.from({ length: batch * SIZES[0] }, pixel);
  const y = Int32Array.from({ length: batch }, (_, row) => row % SIZES.at(-1));
  return { x, y };
}

/**
 * The command `grow BATCH WIDTH DROPOUT DENSE STEPS`: trains a model of that shape on one batch; the next command of the same
 * shape goes on with it.
 *
 * @param start makes, of `{ batch, sizes, dropout, dense }`, `{ steps(n), dispose() }`
 */
export function growing(start) {
  let [shape, model] = [];
  return async (batch, width, dropout, dense, steps) => {
    const wanted = [batch, width, dropout, dense].join(" ");
    if (wanted !== shape) {
      model?.dispose();
      model = await start({ batch, sizes: sizesOf(width), dropout, dense: dense === 1 });
      shape = wanted;
    }
    await model.steps(steps);
  };
}

/** The command `job EPOCHS`: epochs of a new model, each evaluated on both parts of MNIST. */
export function jobOf(start, { train, test }) {
  return async (epochs) => {
    const trainer = start();
    let result;
    for (let epoch = 0; epoch < epochs; epoch++) {
      await trainer.steps(train.count / BATCH);
      await trainer.evaluate(train);
      result = await trainer.evaluate(test);
    }
    trainer.dispose();
    return result;
  };
}
