// The reference job in TensorFlow.js on its WebAssembly backend, in a page.
import { startTfjs } from "../tfjsJob.mjs";
import { fetchBytes } from "./fetchBytes.mjs";

const wasm = new URL("../node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/", import.meta.url).href;

export const start = ({ threads, variant }) =>
  startTfjs({ wasm, threads, isWorkedAround: variant === "worked-around" }, fetchBytes);
