// The reference job in jax-js, wherever it runs.
import { arraysOf, evaluateBatch, newModel } from "./jaxModel.mjs";
import { batchesOf, gather, readMnist, shuffledBatches } from "./mnist.mjs";
import { BATCH, drawBatch, growing, jobOf, SIZES } from "./model.mjs";
import { defaultDevice, getWebGPUDevice, init } from "./node_modules/@jax-js/jax/dist/index.js";

/** Training steps that a GPU has before it at most, as with torchlet. */
const MAX_IN_FLIGHT = 4;
/** Evaluated batches whose results are read at once, as torchlet reads them. */
const READ_EVERY = 16;

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

/** Trains a model on the batches that `nextBatch` gives. */
async function train(model, count, nextBatch, pace) {
  let loss;
  for (let i = 0; i < count; i++) {
    const [x, y] = arraysOf(nextBatch());
    loss?.dispose();
    loss = model.step(x, y);
    await pace(loss);
  }
  return { loss: await loss.jsAsync() };
}

function newTrainer(data, pace) {
  const indices = shuffledBatches(data.count, BATCH);
  const model = newModel(SIZES, 0.5);
  return {
    steps: (count) => train(model, count, () => gather(data, indices()), pace),
    evaluate: (set) => evaluate(model, set),
    dispose: model.dispose,
  };
}

async function evaluate(model, set) {
  let [waiting, lossSum, correctSum] = [[], 0, 0];
  const read = async () => {
    for (const [loss, hits] of await Promise.all(waiting)) {
      lossSum += loss;
      correctSum += hits;
    }
    waiting = [];
  };
  for (const batch of batchesOf(set, BATCH)) {
    const [loss, correct] = evaluateBatch(model.layers, ...arraysOf(batch));
    waiting.push(Promise.all([loss.jsAsync(), correct.jsAsync()]));
    if (waiting.length === READ_EVERY) await read();
  }
  await read();
  return { samples: set.count, loss: lossSum / (set.count / BATCH), accuracy: correctSum / set.count };
}

/** A model of any shape, for `growing`. */
function grow({ batch, sizes, dropout, dense }, pace) {
  const model = newModel(sizes, dropout);
  const data = drawBatch(batch, dense);
  return { steps: (count) => train(model, count, () => data, pace), dispose: model.dispose };
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
  const [training, test] = [await readMnist("train", readBytes), await readMnist("t10k", readBytes)];
  const start = () => newTrainer(training, PACES[device]());
  let trainer = start();
  return {
    restart() {
      trainer.dispose();
      trainer = start();
    },
    steps: (count) => trainer.steps(count),
    evaluate: () => trainer.evaluate(test),
    job: jobOf(start, { train: training, test }),
    grow: growing((shape) => grow(shape, PACES[device]())),
  };
}
