// Where the time of a training step of torchlet goes, in Node on one thread: every kernel is timed as it is called.
import { fileURLToPath } from "node:url";
import { loadMnist } from "../build/data.js";
import { init, manualSeed } from "../build/index.js";
import { MNIST_FOLDER } from "./mnist.mjs";
import { servePeer } from "./peer.mjs";
import { newReferenceTrainer, train } from "./torchletJob.mjs";
import { versionOf } from "./versions.mjs";

/** By the kernel's name: its milliseconds and calls while `isTiming`. */
const times = new Map();
let isTiming = false;

/** The function, which adds to its `times` while `isTiming`, without making objects that a step does not make. */
function timed(name, call) {
  const total = { ms: 0, calls: 0 };
  times.set(name, total);
  return (...args) => {
    if (!isTiming) return call(...args);
    const start = performance.now();
    const result = call(...args);
    total.ms += performance.now() - start;
    total.calls++;
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
      for (const total of times.values()) Object.assign(total, { ms: 0, calls: 0 });
      isTiming = timing;
      const start = performance.now();
      await train(trainer, count, trainer.nextBatch);
      isTiming = false;
      return (performance.now() - start) / count;
    };
    const plainMs = await measure(false);
    const timedMs = await measure(true);
    const each = ({ ms, calls }) => ({ ms: ms / count, calls: calls / count });
    const ran = [...times].filter(([, { calls }]) => calls > 0);
    const kernels = Object.fromEntries(ran.map(([name, total]) => [name, each(total)]));
    return { plainMs, timedMs, kernels };
  },
};
await servePeer({ name: "torchlet", version: versionOf("torchlet"), threads: 1 }, job);
