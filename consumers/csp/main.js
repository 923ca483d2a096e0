import { train } from "./train.js";

// Under Trusted Types a script's URL must come from a policy; the page's headers allow one, named "app".
const scripts = trustedTypes.createPolicy("app", { createScriptURL: (url) => url });

function trainInWorker() {
  const worker = new Worker(scripts.createScriptURL("dist/train.worker.js"));
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  }).finally(() => worker.terminate());
}

async function run() {
  return { page: await train(), worker: await trainInWorker() };
}

run()
  .catch(({ name, message }) => ({ error: { name, message } }))
  .then((report) => {
    document.querySelector("output").textContent = JSON.stringify(report);
  });
