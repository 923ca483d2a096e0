// The smallest program that trains the net with TensorFlow.js on its WebAssembly backend: one step of it.
import {
  add,
  dropout,
  losses,
  matMul,
  oneHot,
  relu,
  setBackend,
  tensor1d,
  tensor2d,
  train,
  variable,
} from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { ADAM, BATCH, drawBatch, drawUniform, SIZES } from "../model.mjs";

/** @param wasm the folder of the backend's modules */
export async function firstStep(wasm) {
  setWasmPaths(wasm);
  await setBackend("wasm");
  const layers = SIZES.slice(1).map((outputs, index) => {
    const w = tensor2d(drawUniform(SIZES[index] * outputs, SIZES[index]), [SIZES[index], outputs]);
    return { w: variable(w), b: variable(tensor1d(drawUniform(outputs, SIZES[index]))) };
  });
  const optimizer = train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
  const { x, y } = drawBatch(BATCH, false);
  const [inputs, labels] = [tensor2d(x, [BATCH, SIZES[0]]), oneHot(tensor1d(y, "int32"), SIZES.at(-1))];
  const forward = (values, { w, b }, index) => {
    const sum = add(matMul(values, w), b);
    return dropout(index < layers.length - 1 ? relu(sum) : sum, 0.5);
  };
  const loss = optimizer.minimize(() => losses.softmaxCrossEntropy(labels, layers.reduce(forward, inputs)), true);
  const [value] = await loss.data();
  return value;
}
