import { trainInWorker } from "torchlet/worker";
import { train } from "./train.js";

// Under Trusted Types a script's URL must come from a policy; the page's headers allow one, named "app".
const scripts = trustedTypes.createPolicy("app", { createScriptURL: (url) => url });

const makeWorker = (file) => new Worker(scripts.createScriptURL(file));

async function run() {
  const page = await train();
  const worker = makeWorker("dist/train.worker.js");
  const inWorker = await trainInWorker(worker).result.finally(() => worker.terminate());
  // Threads share memory, which takes an isolated page besides.
  const init = { threads: 2, worker: () => makeWorker("dist/thread.js") };
  return { page, worker: inWorker, threaded: crossOriginIsolated ? await train({ init }) : undefined };
}

run()
  .catch(({ name, message }) => ({ error: { name, message } }))
  .then((report) => {
    document.querySelector("output").textContent = JSON.stringify(report);
  });
