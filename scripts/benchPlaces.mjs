// Where the benchmark runs the reference job, and what runs it there: ratios compare only what ran in the same place.
import { cpus } from "node:os";
import { path } from "./setup.mjs";

const script = (label, file, ...args) => ({
  label,
  command: process.execPath,
  args: [path(`bench/${file}`), ...args],
  env: process.env,
});

const page = (label, ...args) => script(label, "browserPeer.mjs", ...args);

/** Debian's python3-torch: it leaves products to OpenBLAS, whose own thread count is set beside PyTorch's. */
function pytorch(label, threads) {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
  env.OMP_NUM_THREADS = env.OPENBLAS_NUM_THREADS = threads;
  return { label, command: "/usr/bin/python3", args: [path("bench/pytorchStep.py"), threads], env };
}

const countThreads = (count) => `${count} thread${count === 1 ? "" : "s"}`;

/** What trains in Node or beside it at any shape, for the growth. */
const GROWING = [
  script("torchlet, 1 thread", "torchletStep.mjs", "1"),
  script("torchlet, 2 threads", "torchletStep.mjs", "2"),
  script("jax-js, 1 thread", "jaxStep.mjs"),
  pytorch("PyTorch, 1 thread", "1"),
  pytorch("PyTorch, 2 threads", "2"),
];

const NODE = [
  ...GROWING,
  script("tfjs-wasm, 1 thread", "tfjsStep.mjs", "stock"),
  script("tfjs-wasm, 1 thread, worked around", "tfjsStep.mjs", "worked-around"),
  script("onnxruntime-web, 1 thread", "ortStep.mjs", "1"),
  script("onnxruntime-web, 2 threads", "ortStep.mjs", "2"),
];

const CHROMIUM = [
  page("torchlet, 1 thread", "torchlet", "cpu", "1"),
  page("torchlet, 2 threads", "torchlet", "cpu", "2"),
  page("torchlet, 2 threads, in a worker", "torchlet", "cpu", "2", "worker"),
  page(`jax-js, ${countThreads(cpus().length)}`, "jax-js", "cpu", String(cpus().length)), // as many as it finds, always
  page("tfjs-wasm, 2 threads", "tfjs-wasm", "cpu", "2", "stock"),
  page("tfjs-wasm, 2 threads, worked around", "tfjs-wasm", "cpu", "2", "worked-around"),
  page("onnxruntime-web, 1 thread", "onnxruntime-web", "cpu", "1"),
  page("onnxruntime-web, 2 threads", "onnxruntime-web", "cpu", "2"),
];

/** By the part's name: a heading, and the peers with what starts them. */
export const PLACES = {
  node: { title: "On the CPU: Node, and PyTorch beside it", peers: NODE },
  chromium: { title: "On the CPU: Chromium, a cross-origin isolated page", peers: CHROMIUM },
  webgpu: {
    title: "In Chromium, WebGPU on its software adapter",
    peers: [page("torchlet, WebGPU", "torchlet", "webgpu", "1"), page("jax-js, WebGPU", "jax-js", "webgpu", "1")],
  },
  growth: { title: "Growth", peers: GROWING },
};
