// The reference job in TensorFlow.js on its WebAssembly backend, in Node: on one thread, as it has no more there.
// Usage: node tfjsStep.mjs stock|worked-around
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { servePeer } from "./peer.mjs";
import { versionOf } from "./versions.mjs";

// The bundle takes Node's modules by the first; its module of WebAssembly wants the second.
Object.assign(globalThis, { require: createRequire(import.meta.url), __dirname: import.meta.dirname });
const { startTfjs } = await import("./tfjsJob.mjs");
const wasm = fileURLToPath(new URL("./node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/", import.meta.url));
const isWorkedAround = process.argv[2] === "worked-around";
const job = await startTfjs({ wasm, threads: 1, isWorkedAround }, readFile);
await servePeer({ name: "tfjs-wasm", version: versionOf("tfjs-wasm"), threads: 1 }, job);
