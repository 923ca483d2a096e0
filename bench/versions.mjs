import { readFileSync } from "node:fs";

const MANIFESTS = {
  torchlet: "../package.json",
  "jax-js": "./node_modules/@jax-js/jax/package.json",
  "tfjs-wasm": "./node_modules/@tensorflow/tfjs-backend-wasm/package.json",
  "onnxruntime-web": "./node_modules/onnxruntime-web/package.json",
};

/** The version of a library that a peer computes with. */
export const versionOf = (name) => JSON.parse(readFileSync(new URL(MANIFESTS[name], import.meta.url), "utf8")).version;
