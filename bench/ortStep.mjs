// Evaluation in ONNX Runtime Web, in Node. Usage: node ortStep.mjs THREADS
import { readFile } from "node:fs/promises";
import * as ort from "./node_modules/onnxruntime-web/dist/ort.node.min.mjs";
import { startOrt } from "./ortJob.mjs";
import { servePeer } from "./peer.mjs";
import { versionOf } from "./versions.mjs";

const threads = Number(process.argv[2]);
const job = await startOrt(ort, threads, readFile);
await servePeer({ name: "onnxruntime-web", version: versionOf("onnxruntime-web"), threads, trains: false }, job);
