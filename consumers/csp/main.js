import { trainInWorker } from "torchlet/worker";
import { train } from "./train.js";

// Under Trusted Types a script's URL must come from a policy; the page's headers allow one, named "app".
const scripts = trustedTypes.createPolicy("app", { createScriptURL: (url) => url });

async function run() {
  const page = await train();
  const worker = new Worker(scripts.createScriptURL("dist/train.worker.js"));
  try {
    return { page, worker: await trainInWorker(worker).result };
  } finally {
    worker.terminate();
  }
}

run()
  .catch(({ name, message }) => ({ error: { name, message } }))
  .then((report) => {
    document.querySelector("output").textContent = JSON.stringify(report);
  });
