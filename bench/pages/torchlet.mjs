// The reference job in torchlet, in a page.
import { MNIST_FOLDER } from "../mnist.mjs";
import { startTorchlet } from "../torchletJob.mjs";

export const start = ({ device, threads }) =>
  startTorchlet(device === "cpu" ? { device, threads } : { device }, MNIST_FOLDER);
