import { trainInWorker } from "./node_modules/torchlet/build/worker.js";

// No bundler: the page serves what npm has installed. Import maps do not reach into workers, so all imports are paths.
const worker = new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" });

/** One run to its end, and one that is aborted after its first epoch. */
async function run() {
  const epochs = [];
  const onEpoch = ({ epoch }) => epochs.push(epoch);
  const report = await trainInWorker(worker, { args: { epochs: 3 }, onEpoch }).result;
  const controller = new AbortController();
  const untilAborted = { signal: controller.signal, onEpoch: () => controller.abort() };
  const aborted = await trainInWorker(worker, { args: { epochs: 100_000 }, ...untilAborted }).result;
  worker.terminate();
  return { ...report, epochs, aborted: aborted.status };
}

run().then((report) => {
  document.querySelector("output").textContent = JSON.stringify(report);
});
