// The reference job in torchlet, in a page, or in a worker of it.
import { MNIST_FOLDER } from "../mnist.mjs";
import { startTorchlet } from "../torchletJob.mjs";

/** The job in a worker: its commands, each of which waits for the worker's answer. */
async function startInWorker(options) {
  const worker = new Worker(new URL("torchletWorker.mjs", import.meta.url), { type: "module" });
  let answer;
  worker.addEventListener("message", ({ data: [value, error] }) => answer(value, error));
  worker.addEventListener("error", ({ message }) => answer(undefined, message || "the worker's file did not load"));
  const call = (word, ...values) =>
    new Promise((resolve, reject) => {
      answer = (value, error) => (error === undefined ? resolve(value) : reject(new Error(error)));
      worker.postMessage([word, ...values]);
    });
  const words = await call("start", options);
  return Object.fromEntries(words.map((word) => [word, (...values) => call(word, ...values)]));
}

export function start({ device, threads, variant }) {
  const options = device === "cpu" ? { device, threads } : { device };
  return variant === "worker" ? startInWorker(options) : startTorchlet(options, MNIST_FOLDER);
}
