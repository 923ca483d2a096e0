// The model in TensorFlow.js on its WebAssembly backend: variables, `train.adam` and `losses.softmaxCrossEntropy`, which cost
// less than its layers do.
import { ADAM, drawUniform } from "./model.mjs";

/** The library as scripts/benchSetup.mjs bundles it. */
export const tf = await import(new URL("../build/bench/tfjs.mjs", import.meta.url).href);
const { losses, matMul, oneHot, relu, tensor1d, tensor2d, tidy, transpose, variable } = tf;

/**
 * The gradient of a product multiplies transposed matrices, and for these the backend has only a slow loop. This one
 * transposes first and multiplies then.
 */
export function transposeBeforeProducts() {
  tf.unregisterGradient("BatchMatMul");
  tf.registerGradient({
    kernelName: "BatchMatMul",
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => ({ a: () => matMul(dy, transpose(b)), b: () => matMul(transpose(a), dy) }),
  });
}

/**
 * A model with its Adam.
 *
 * @param sizes features from the inputs to the classes
 * @param dropout the share of the activations that is dropped in training
 */
export function newModel(sizes, dropout) {
  const layers = sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const w = tidy(() => variable(tensor2d(drawUniform(inputs * outputs, inputs), [inputs, outputs])));
    return { w, b: tidy(() => variable(tensor1d(drawUniform(outputs, inputs)))) };
  });
  const optimizer = tf.train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
  function forward(x, share) {
    layers.forEach(({ w, b }, index) => {
      x = tf.add(matMul(x, w), b);
      if (index < layers.length - 1) x = relu(x);
      if (share > 0) x = tf.dropout(x, share);
    });
    return x;
  }
  const lossOf = (logits, labels) => losses.softmaxCrossEntropy(oneHot(labels, sizes.at(-1)), logits);
  return {
    /** One step on a batch; the caller disposes of the loss. */
    step({ x, y }) {
      return tidy(() => {
        const [inputs, labels] = [tensor2d(x, [y.length, sizes[0]]), tensor1d(y, "int32")];
        return optimizer.minimize(() => lossOf(forward(inputs, dropout), labels), true);
      });
    },
    /** [mean loss, correct] of a batch in evaluation mode. */
    evaluate({ x, y }) {
      return tidy(() => {
        const labels = tensor1d(y, "int32");
        const logits = forward(tensor2d(x, [y.length, sizes[0]]), 0);
        const correct = tf.sum(tf.equal(tf.argMax(logits, -1), labels));
        return [lossOf(logits, labels).dataSync()[0], correct.dataSync()[0]];
      });
    },
    dispose() {
      for (const { w, b } of layers) {
        w.dispose();
        b.dispose();
      }
      optimizer.dispose();
    },
  };
}
