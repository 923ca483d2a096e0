import { train } from "./train.js";

train().then((report) => postMessage(report));
