// The reference job in jax-js, wherever it runs: one jitted function per training step (loss, gradient, Adam) and one per
// evaluated batch. jax-js has no dropout and no Adam of its own: both are written as its users write them.
import {
  defaultDevice,
  getWebGPUDevice,
  init,
  jit,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "./node_modules/@jax-js/jax/dist/index.js"; // a page has no resolver of package names
import { PIXELS, readMnist, shuffledBatches } from "./mnist.mjs";

const SIZES = [784, 256, 256, 128, 128, 10];
const BATCH = 200;
const KEEP = 0.5;
const LR = 1e-3;
const [BETA1, BETA2, EPS] = [0.9, 0.999, 1e-8];
/** Training steps that a GPU has before it at most, as with torchlet. */
const MAX_IN_FLIGHT = 4;
/** Evaluated batches whose results are read at once, as torchlet reads them. */
const READ_EVERY = 16;

/** x[i] / KEEP where a draw keeps element i, else 0. */
function dropout(key, x) {
  const mask = random.bernoulli(key, KEEP, x.shape);
  return np.where(mask, x.div(KEEP), 0);
}

/** Logits of a batch; `keys` holds one key per layer in training and is null in evaluation. */
function forward(layers, x, keys) {
  layers.forEach(({ w, b }, index) => {
    x = np.dot(x, w).add(b);
    if (index < layers.length - 1) x = nn.relu(x);
    if (keys) x = dropout(keys.ref.slice(index), x);
  });
  keys?.dispose();
  return x;
}

/** Mean of −log softmax(logits)[label]. */
function crossEntropy(logits, labels) {
  return nn.logSoftmax(logits, -1).mul(nn.oneHot(labels, 10)).sum().div(-BATCH);
}

const lossAndGradient = valueAndGrad((layers, x, y, key) =>
  crossEntropy(forward(layers, x, random.split(key, SIZES.length - 1)), y),
);

/** One step; `rates` holds lr / (1 − β1^t) and 1 / √(1 − β2^t). */
const trainStep = jit((layers, m, v, rates, x, y, key) => {
  const [loss, gradient] = lossAndGradient(tree.ref(layers), x, y, key);
  const newM = tree.map((a, g) => a.mul(BETA1).add(g.mul(1 - BETA1)), m, tree.ref(gradient));
  const newV = tree.map((a, g) => a.mul(BETA2).add(np.square(g).mul(1 - BETA2)), v, gradient);
  const update = (w, a, s) => w.sub(a.mul(rates.ref.slice(0)).div(np.sqrt(s).mul(rates.ref.slice(1)).add(EPS)));
  const newLayers = tree.map(update, layers, tree.ref(newM), tree.ref(newV));
  rates.dispose();
  return [newLayers, newM, newV, loss];
});

/** [mean loss, correct] of a batch in evaluation mode. */
const evaluateBatch = jit((layers, x, y) => {
  const logits = forward(layers, x, null);
  const correct = np.argmax(logits.ref, -1).equal(y.ref).astype(np.float32).sum();
  return [crossEntropy(logits, y), correct];
});

/** PyTorch's Linear initialisation, weights held [in, out]. */
function newLayers() {
  return SIZES.slice(1).map((outputs, index) => {
    const inputs = SIZES[index];
    const draw = (count) => Float32Array.from({ length: count }, () => (2 * Math.random() - 1) / Math.sqrt(inputs));
    return { w: np.array(draw(inputs * outputs)).reshape([inputs, outputs]), b: np.array(draw(outputs)) };
  });
}

/** What to do after each step, as jax-js runs nothing before somebody asks for it. */
const PACES = {
  // Steps left pending pile up in jax-js's queue, and then each one is slower than the one before.
  wasm: () => (loss) => loss.ref.jsAsync(),
  // Asking for a loss's buffer submits the step and reads nothing.
  webgpu() {
    const inFlight = [];
    return async (loss) => {
      await loss.ref.gpuBuffer();
      inFlight.push(getWebGPUDevice().queue.onSubmittedWorkDone());
      if (inFlight.length >= MAX_IN_FLIGHT) await inFlight.shift();
    };
  },
};

function newTrainer(data, pace) {
  const nextBatch = shuffledBatches(data.count, BATCH);
  let layers = newLayers();
  let m = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let v = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let step = 0;
  return {
    async steps(count) {
      let loss;
      for (let i = 0; i < count; i++) {
        step++;
        const [x, y] = gather(data, nextBatch());
        const rates = np.array(new Float32Array([LR / (1 - BETA1 ** step), 1 / Math.sqrt(1 - BETA2 ** step)]));
        loss?.dispose();
        [layers, m, v, loss] = trainStep(layers, m, v, rates, x, y, random.key(step));
        await pace(loss);
      }
      return { loss: await loss.jsAsync() };
    },
    evaluate: (set) => evaluate(layers, set),
    dispose: () => tree.dispose([layers, m, v]),
  };
}

function gather(data, indices) {
  const x = new Float32Array(indices.length * PIXELS);
  const y = new Int32Array(indices.length);
  indices.forEach((index, row) => {
    x.set(data.images.subarray(index * PIXELS, (index + 1) * PIXELS), row * PIXELS);
    y[row] = data.labels[index];
  });
  return [np.array(x).reshape([indices.length, PIXELS]), np.array(y)];
}

async function evaluate(layers, set) {
  let [waiting, lossSum, correctSum] = [[], 0, 0];
  for (let start = 0; start < set.count; start += BATCH) {
    const x = np.array(set.images.slice(start * PIXELS, (start + BATCH) * PIXELS)).reshape([BATCH, PIXELS]);
    const y = np.array(set.labels.slice(start, start + BATCH));
    const [loss, correct] = evaluateBatch(tree.ref(layers), x, y);
    waiting.push(Promise.all([loss.jsAsync(), correct.jsAsync()]));
    if (waiting.length < READ_EVERY && start + BATCH < set.count) continue;
    for (const [batchLoss, hits] of await Promise.all(waiting)) {
      lossSum += batchLoss;
      correctSum += hits;
    }
    waiting = [];
  }
  return { samples: set.count, loss: lossSum / (set.count / BATCH), accuracy: correctSum / set.count };
}

/**
 * The job on a backend, for `servePeer`.
 *
 * @param device `"wasm"` or `"webgpu"`
 * @param readBytes resolves with the bytes of a file's URL
 */
export async function startJax(device, readBytes) {
  const devices = await init(device);
  if (!devices.includes(device)) throw new Error(`jax-js has no ${device} here`);
  defaultDevice(device);
  const [train, test] = [await readMnist("train", readBytes), await readMnist("t10k", readBytes)];
  const start = () => newTrainer(train, PACES[device]());
  let trainer = start();
  return {
    restart() {
      trainer.dispose();
      trainer = start();
    },
    steps: (count) => trainer.steps(count),
    evaluate: () => trainer.evaluate(test),
    async job(epochs) {
      const fresh = start();
      let result;
      for (let epoch = 0; epoch < epochs; epoch++) {
        await fresh.steps(train.count / BATCH);
        await fresh.evaluate(train);
        result = await fresh.evaluate(test);
      }
      fresh.dispose();
      return result;
    },
  };
}
