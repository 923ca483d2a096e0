// The reference job in jax-js on its WebAssembly backend: one jitted function per training step (loss, gradient, Adam)
// and one per evaluated batch. jax-js has no dropout and no Adam of its own: both are written as its users write them.
import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { PIXELS, readMnist, shuffledBatches } from "./mnist.mjs";
import { servePeer } from "./peer.mjs";

const SIZES = [784, 256, 256, 128, 128, 10];
const BATCH = 200;
const KEEP = 0.5;
const LR = 1e-3;
const [BETA1, BETA2, EPS] = [0.9, 0.999, 1e-8];

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

function newTrainer(data) {
  const nextBatch = shuffledBatches(data.count, BATCH);
  let layers = newLayers();
  let m = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let v = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let step = 0;
  return {
    async steps(count) {
      let loss = 0;
      for (let i = 0; i < count; i++) {
        step++;
        const [x, y] = gather(data, nextBatch());
        const rates = np.array(new Float32Array([LR / (1 - BETA1 ** step), 1 / Math.sqrt(1 - BETA2 ** step)]));
        const [newLayers, newM, newV, newLoss] = trainStep(layers, m, v, rates, x, y, random.key(step));
        [layers, m, v] = [newLayers, newM, newV];
        // Read at every step: steps left pending pile up in jax-js's queue, and then each one is slower than the one before.
        loss = await newLoss.jsAsync();
      }
      return { loss };
    },
    evaluate: (set) => evaluate(layers, set),
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
  let [lossSum, correctSum] = [0, 0];
  for (let start = 0; start < set.count; start += BATCH) {
    const x = np.array(set.images.slice(start * PIXELS, (start + BATCH) * PIXELS)).reshape([BATCH, PIXELS]);
    const y = np.array(set.labels.slice(start, start + BATCH));
    const [loss, correct] = evaluateBatch(tree.ref(layers), x, y);
    lossSum += await loss.jsAsync();
    correctSum += await correct.jsAsync();
  }
  return { samples: set.count, loss: lossSum / (set.count / BATCH), accuracy: correctSum / set.count };
}

await init("wasm");
defaultDevice("wasm");
const [train, test] = [readMnist("train"), readMnist("t10k")];
const trainer = newTrainer(train);
const manifest = new URL("./node_modules/@jax-js/jax/package.json", import.meta.url);
await servePeer({
  name: "jax-js",
  version: JSON.parse(readFileSync(manifest, "utf8")).version,
  threads: 1, // its pool needs a Worker that takes blob URLs, which Node has not
  steps: trainer.steps,
  evaluate: () => trainer.evaluate(test),
  async job(epochs) {
    const fresh = newTrainer(train);
    let result;
    for (let epoch = 0; epoch < epochs; epoch++) {
      await fresh.steps(train.count / BATCH);
      await fresh.evaluate(train);
      result = await fresh.evaluate(test);
    }
    return result;
  },
});
