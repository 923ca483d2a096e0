import { Worker } from "node:worker_threads";
import { trainInWorker } from "torchlet/worker";

const worker = new Worker(new URL("./train.worker.js", import.meta.url));
try {
  console.log(JSON.stringify(await trainInWorker(worker).result));
} finally {
  await worker.terminate();
}
