// The reference job in torchlet, in Node. Usage: node torchletStep.mjs THREADS
import { fileURLToPath } from "node:url";
import { MNIST_FOLDER } from "./mnist.mjs";
import { servePeer } from "./peer.mjs";
import { startTorchlet } from "./torchletJob.mjs";
import { versionOf } from "./versions.mjs";

const threads = Number(process.argv[2]);
const job = await startTorchlet({ device: "cpu", threads }, fileURLToPath(MNIST_FOLDER));
await servePeer({ name: "torchlet", version: versionOf("torchlet"), threads }, job);
