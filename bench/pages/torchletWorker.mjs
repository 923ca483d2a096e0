// The reference job in torchlet, in a worker: messages `[word, ...values]` are answered one by one, by `[value]` or `[undefined, error]`.
import { MNIST_FOLDER } from "../mnist.mjs";
import { startTorchlet } from "../torchletJob.mjs";

let job;

/** Starts the job, and answers with the names of its commands. */
async function start(options) {
  job = await startTorchlet(options, MNIST_FOLDER);
  return Object.keys(job);
}

addEventListener("message", async ({ data: [word, ...values] }) => {
  try {
    postMessage([await (word === "start" ? start(...values) : job[word](...values))]);
  } catch (error) {
    postMessage([undefined, String(error)]);
  }
});
