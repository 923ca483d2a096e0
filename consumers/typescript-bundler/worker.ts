import { init } from "torchlet";
import { trainInWorker } from "torchlet/worker";
import { inWorker } from "./misuse.ts";

/** The platform's own Worker fits; compiled and never run. */
export async function start(): Promise<number> {
  await init({ threads: 2, worker: () => new Worker(new URL("./thread.js", import.meta.url)) });
  const worker = new Worker(new URL("./train.worker.js", import.meta.url), { type: "module" });
  const training = trainInWorker(worker, {
    signal: AbortSignal.timeout(1000),
    onEpoch: ({ epoch }) => epoch.toFixed(),
  });
  training.post({ lr: 0.1 });
  return inWorker(worker);
}
