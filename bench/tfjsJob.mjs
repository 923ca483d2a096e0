// The reference job in TensorFlow.js on its WebAssembly backend, wherever it runs.
import { batchesOf, gather, readMnist, shuffledBatches } from "./mnist.mjs";
import { BATCH, drawBatch, growing, jobOf, SIZES } from "./model.mjs";
import { newModel, tf, transposeBeforeProducts } from "./tfjsModel.mjs";

async function train(model, count, nextBatch) {
  let loss;
  for (let i = 0; i < count; i++) {
    loss?.dispose();
    loss = model.step(nextBatch());
    await null; // each step is synchronous; others get their turn between two
  }
  const [value] = await loss.data();
  loss.dispose();
  return { loss: value };
}

function newTrainer(data) {
  const indices = shuffledBatches(data.count, BATCH);
  const model = newModel(SIZES, 0.5);
  return {
    steps: (count) => train(model, count, () => gather(data, indices())),
    evaluate(set) {
      let [lossSum, correctSum] = [0, 0];
      for (const batch of batchesOf(set, BATCH)) {
        const [loss, hits] = model.evaluate(batch);
        lossSum += loss;
        correctSum += hits;
      }
      return { samples: set.count, loss: lossSum / (set.count / BATCH), accuracy: correctSum / set.count };
    },
    dispose: model.dispose,
  };
}

function grow({ batch, sizes, dropout, dense }) {
  const model = newModel(sizes, dropout);
  const data = drawBatch(batch, dense);
  return { steps: (count) => train(model, count, () => data), dispose: model.dispose };
}

/**
 * The job, for `servePeer`.
 *
 * @param options `wasm`: the folder of its modules; `threads`: ignored in Node, where it has one; `isWorkedAround`: with
 *   `transposeBeforeProducts`
 * @param readBytes resolves with the bytes of a file's URL
 */
export async function startTfjs({ wasm, threads, isWorkedAround }, readBytes) {
  tf.setWasmPaths(wasm);
  tf.setThreadsCount(threads);
  if (!(await tf.setBackend("wasm"))) throw new Error("tfjs has no WebAssembly backend here");
  if (isWorkedAround) transposeBeforeProducts();
  const [training, test] = [await readMnist("train", readBytes), await readMnist("t10k", readBytes)];
  const start = () => newTrainer(training);
  let trainer = start();
  return {
    restart() {
      trainer.dispose();
      trainer = start();
    },
    steps: (count) => trainer.steps(count),
    evaluate: () => trainer.evaluate(test),
    job: jobOf(start, { train: training, test }),
    grow: growing(grow),
  };
}
