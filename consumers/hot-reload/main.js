import { trainInWorker } from "torchlet/worker";
import { version } from "./settings.js";

// Trains for as long as the page is open, with whatever version of the code is the latest.
const worker = new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" });
const output = document.querySelector("output");
const replaced = new AbortController();

trainInWorker(worker, {
  args: { epochs: 1_000_000 },
  signal: replaced.signal,
  onEpoch: ({ epoch, trainLoss }) => {
    output.textContent = JSON.stringify({ version, epoch, trainLoss });
  },
}).result.finally(() => worker.terminate());

if (import.meta.hot) {
  import.meta.hot.accept();
  import.meta.hot.dispose(() => replaced.abort());
}
