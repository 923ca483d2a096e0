// The model in jax-js: one jitted function per training step (loss, gradient, Adam) and one per evaluated batch. jax-js has
// no dropout and no Adam of its own: both are written as its users write them.
import { jit, nn, numpy as np, random, tree, valueAndGrad } from "./node_modules/@jax-js/jax/dist/index.js"; // a page has no resolver of package names
import { ADAM, drawUniform } from "./model.mjs";

const { lr, beta1, beta2, eps } = ADAM;

/** x[i] / keep where a draw keeps element i, else 0. */
function drop(key, x, keep) {
  const mask = random.bernoulli(key, keep, x.shape);
  return np.where(mask, x.div(keep), 0);
}

/** Logits of a batch; `keys` holds one key per layer in training and is null where nothing is dropped. */
function forward(layers, x, keys, keep) {
  layers.forEach(({ w, b }, index) => {
    x = np.dot(x, w).add(b);
    if (index < layers.length - 1) x = nn.relu(x);
    if (keys) x = drop(keys.ref.slice(index), x, keep);
  });
  keys?.dispose();
  return x;
}

/** Mean of −log softmax(logits)[label]. */
function crossEntropy(logits, labels) {
  const [batch, classes] = logits.shape;
  return nn.logSoftmax(logits, -1).mul(nn.oneHot(labels, classes)).sum().div(-batch);
}

/** One step; `rates` holds lr / (1 − β1^t) and 1 / √(1 − β2^t). */
function stepOf(keep) {
  const lossAndGradient = valueAndGrad((layers, x, y, key) => {
    const keys = keep === 1 ? null : random.split(key, layers.length);
    if (keys === null) key.dispose();
    return crossEntropy(forward(layers, x, keys, keep), y);
  });
  return jit((layers, m, v, rates, x, y, key) => {
    const [loss, gradient] = lossAndGradient(tree.ref(layers), x, y, key);
    const newM = tree.map((a, g) => a.mul(beta1).add(g.mul(1 - beta1)), m, tree.ref(gradient));
    const newV = tree.map((a, g) => a.mul(beta2).add(np.square(g).mul(1 - beta2)), v, gradient);
    const update = (w, a, s) => w.sub(a.mul(rates.ref.slice(0)).div(np.sqrt(s).mul(rates.ref.slice(1)).add(eps)));
    const newLayers = tree.map(update, layers, tree.ref(newM), tree.ref(newV));
    rates.dispose();
    return [newLayers, newM, newV, loss];
  });
}

const steps = new Map();

/** The jitted step that keeps a share of the activations. */
function trainStep(keep) {
  if (!steps.has(keep)) steps.set(keep, stepOf(keep));
  return steps.get(keep);
}

/** [mean loss, correct] of a batch in evaluation mode. */
export const evaluateBatch = jit((layers, x, y) => {
  const logits = forward(layers, x, null, 1);
  const correct = np.argmax(logits.ref, -1).equal(y.ref).astype(np.float32).sum();
  return [crossEntropy(logits, y), correct];
});

/** A batch as jax-js takes it: x f32[n, inputs] and y i32[n]. */
export const arraysOf = ({ x, y }) => [np.array(x).reshape([y.length, x.length / y.length]), np.array(y)];

/** PyTorch's Linear initialisation, weights held [in, out]. */
function newLayers(sizes) {
  return sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const w = np.array(drawUniform(inputs * outputs, inputs)).reshape([inputs, outputs]);
    return { w, b: np.array(drawUniform(outputs, inputs)) };
  });
}

/**
 * A model with the state of its Adam: `step(x, y)` consumes a batch and returns the pending loss.
 *
 * @param sizes features from the inputs to the classes
 * @param dropout the share of the activations that is dropped
 */
export function newModel(sizes, dropout) {
  const train = trainStep(1 - dropout);
  let layers = newLayers(sizes);
  let m = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let v = tree.map((w) => np.zerosLike(w), tree.ref(layers));
  let step = 0;
  return {
    get layers() {
      return tree.ref(layers);
    },
    step(x, y) {
      step++;
      const rates = np.array(new Float32Array([lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)]));
      let loss;
      [layers, m, v, loss] = train(layers, m, v, rates, x, y, random.key(step));
      return loss;
    },
    dispose: () => tree.dispose([layers, m, v]),
  };
}
