// Where the benchmark runs, and what runs there: ratios compare only what ran in the same place.
import { path } from "./setup.mjs";

const script = (label, file, ...args) => ({
  label,
  command: process.execPath,
  args: [path(`bench/${file}`), ...args],
  env: process.env,
});

/** Debian's python3-torch: it leaves products to OpenBLAS, whose own thread count is set beside PyTorch's. */
function pytorch(label, threads) {
  const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...env } = process.env;
  env.OMP_NUM_THREADS = env.OPENBLAS_NUM_THREADS = threads;
  return { label, command: "/usr/bin/python3", args: [path("bench/pytorchStep.py"), threads], env };
}

/** By the name that `--only` takes: a heading, and the peers with what starts them. */
export const PLACES = {
  node: {
    title: "On the CPU: Node, and PyTorch beside it",
    peers: [
      script("torchlet, 1 thread", "torchletStep.mjs", "1"),
      script("torchlet, 2 threads", "torchletStep.mjs", "2"),
      script("jax-js, 1 thread", "jaxStep.mjs"),
      pytorch("PyTorch, 1 thread", "1"),
      pytorch("PyTorch, 2 threads", "2"),
    ],
  },
  chromium: {
    title: "In Chromium, WebGPU on its software adapter",
    peers: [
      script("torchlet, WebGPU", "browserPeer.mjs", "torchlet"),
      script("jax-js, WebGPU", "browserPeer.mjs", "jax-js"),
    ],
  },
};
