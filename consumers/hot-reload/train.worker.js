import { serveTraining } from "torchlet/worker";
import { train } from "./train.js";

serveTraining(({ args, signal, onStep, onEpoch }) => train({ ...args, signal, onStep, onEpoch }));
