// The reference job in torchlet on WebGPU, in a page.
import { MNIST_FOLDER } from "../mnist.mjs";
import { startTorchlet } from "../torchletJob.mjs";

export const job = await startTorchlet({ device: "webgpu" }, MNIST_FOLDER);
