// Where the time of a training step of torchlet goes, in Node on one thread: every kernel is timed as it is called.
import { fileURLToPath } from "node:url";
import { loadMnist } from "../build/data.js";
import { init, manualSeed } from "../build/index.js";
import { MNIST_FOLDER } from "./mnist.mjs";
import { servePeer } from "./peer.mjs";
import { newReferenceTrainer, train } from "./torchletJob.mjs";
import { versionOf } from "./versions.mjs";

const times = new Map();
let isTiming = false;

/** The function, which adds to `times` while `isTiming`. */
function timed(name, call) {
  return (...args) => {
    if (!isTiming) return call(...args);
    const start = performance.now();
    const result = call(...args);
    const { ms, calls } = times.get(name) ?? { ms: 0, calls: 0 };
    times.set(name, { ms: ms + performance.now() - start, calls: calls + 1 });
    return result;
  };
}

/** Everything that the kernels' module exports is timed: what torchlet instantiates is given such exports. */
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...args) => {
  const { exports } = await instantiate.apply(WebAssembly, args);
  const wrap = ([name, value]) => [name, typeof value === "function" ? timed(name, value) : value];
  return { exports: Object.fromEntries(Object.entries(exports).map(wrap)) };
};

const device = await init({ device: "cpu", threads: 1 });
const loaders = new Map();

async function loaderOf(batchSize) {
  if (!loaders.has(batchSize))
    loaders.set(batchSize, await loadMnist(fileURLToPath(MNIST_FOLDER), { batchSize, train: true }));
  return loaders.get(batchSize);
}

const job = {
  /**
   * Trains a new model for `count` steps as they are, then for as many timed: milliseconds of a step of each kind, and
   * milliseconds and calls of each kernel in one.
   */
  async phases(batchSize, count) {
    manualSeed(0);
    const trainer = newReferenceTrainer(device, await loaderOf(batchSize));
    await train(trainer, 1, trainer.nextBatch); // the first one makes the optimizer's memory
    const measure = async (timing) => {
      times.clear();
      isTiming = timing;
      const start = performance.now();
      await train(trainer, count, trainer.nextBatch);
      isTiming = false;
      return (performance.now() - start) / count;
    };
    const plainMs = await measure(false);
    const timedMs = await measure(true);
    const each = ({ ms, calls }) => ({ ms: ms / count, calls: calls / count });
    const kernels = Object.fromEntries([...times].map(([name, total]) => [name, each(total)]));
    return { plainMs, timedMs, kernels };
  },
};
await servePeer({ name: "torchlet", version: versionOf("torchlet"), threads: 1 }, job);
