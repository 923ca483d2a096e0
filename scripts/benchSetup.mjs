// Makes the benchmark's peers ready: the packages that bench/package-lock.json names, and a bundle of the one that needs it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { path, run } from "./setup.mjs";

/** Where the benchmark leaves what it makes. */
export const BENCH_FOLDER = path("build/bench");
/** Modules that TensorFlow.js asks Node for, and a page never. */
export const NODE_MODULES = [
  "crypto",
  "fs",
  "node-fetch",
  "os",
  "path",
  "perf_hooks",
  "string_decoder",
  "util",
  "worker_threads",
];

/** Installs the peers unless exactly those are installed already. */
function installPeers() {
  const stamp = path("bench/node_modules/.torchlet-lock");
  const lock = readFileSync(path("bench/package-lock.json"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("bench: installing the peers");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", ["ci", ...options], { cwd: path("bench") });
  writeFileSync(stamp, lock);
}

/** One bundle for Node and for pages: what it takes of Node it asks a global `require` for, when it is used. */
async function bundleTfjs() {
  await build({
    entryPoints: [path("bench/bundled/tfjs.mjs")],
    outfile: `${BENCH_FOLDER}/tfjs.mjs`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: NODE_MODULES,
    logLevel: "error",
  });
}

/** Installs and bundles what the peers need. */
export async function preparePeers() {
  installPeers();
  mkdirSync(BENCH_FOLDER, { recursive: true });
  await bundleTfjs();
}
