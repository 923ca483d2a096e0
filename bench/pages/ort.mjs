// Evaluation in ONNX Runtime Web, in a page.
import * as ort from "../node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";
import { startOrt } from "../ortJob.mjs";
import { fetchBytes } from "./fetchBytes.mjs";

export const start = ({ threads }) => startOrt(ort, threads, fetchBytes);
