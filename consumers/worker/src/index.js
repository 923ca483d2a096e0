import { trainInWorker } from "torchlet/worker";

// Bundlers look for this very expression: it tells them to bundle the worker's file too.
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
