// TensorFlow.js with its WebAssembly backend and all gradients, to be bundled: neither Node nor a page resolves its imports.
export * from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
export { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
