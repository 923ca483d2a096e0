import { train } from "./train.js";

// `trainHeadless` defines `headlessRun`; opened by hand, the page trains for itself.
if (globalThis.headlessRun) {
  headlessRun(({ args, onStep, onEpoch, signal }) => train({ ...args, onStep, onEpoch, signal }));
} else {
  train().then((report) => console.log(report));
}
