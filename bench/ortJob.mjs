// Evaluation in ONNX Runtime Web, which does not train: with the weights that torchlet has learned.
import { batchesOf, PIXELS, readMnist } from "./mnist.mjs";
import { BATCH, SIZES } from "./model.mjs";

const CLASSES = SIZES.at(-1);

/** Sums of −log softmax(logits)[label] and of the hits of a batch. */
function judge(logits, labels) {
  let [loss, hits] = [0, 0];
  labels.forEach((label, sample) => {
    const row = logits.subarray(sample * CLASSES, (sample + 1) * CLASSES);
    const most = Math.max(...row);
    let sum = 0;
    for (const logit of row) sum += Math.exp(logit - most);
    loss += Math.log(sum) + most - row[label];
    if (row.indexOf(most) === label) hits++;
  });
  return { loss, hits };
}

/**
 * The job, for `servePeer`: `load()` takes the weights that lie in the file by now.
 *
 * @param ort the library
 * @param threads how many compute
 * @param readBytes resolves with the bytes of a file's URL
 */
export async function startOrt(ort, threads, readBytes) {
  ort.env.wasm.numThreads = threads;
  const test = await readMnist("t10k", readBytes);
  let session;
  return {
    async load() {
      await session?.release();
      const bytes = await readBytes(new URL("../build/bench/model.onnx", import.meta.url));
      session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
    },
    async evaluate() {
      let [loss, correct] = [0, 0];
      for (const { x, y } of batchesOf(test, BATCH)) {
        const result = await session.run({ x: new ort.Tensor("float32", x, [y.length, PIXELS]) });
        const found = judge(result.y.data, y);
        loss += found.loss;
        correct += found.hits;
      }
      return { samples: test.count, loss: loss / test.count, accuracy: correct / test.count };
    },
  };
}
