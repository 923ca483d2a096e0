import { train } from "./train.js";

// The import map gives "torchlet" the entry without the kernels; they are compiled while they stream in.
const kernels = new URL("./node_modules/torchlet/build/kernels.wasm", import.meta.url);

train({ init: { kernels } }).then((report) => {
  document.querySelector("output").textContent = JSON.stringify(report);
});
