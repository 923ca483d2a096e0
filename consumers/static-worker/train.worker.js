import { serveTraining } from "./node_modules/torchlet/build/worker.js";
import { train } from "./train.js";

serveTraining(({ args, signal, onStep, onEpoch }) => train({ ...args, signal, onStep, onEpoch }));
