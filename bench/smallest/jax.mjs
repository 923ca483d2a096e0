// The smallest program that trains the net with jax-js: one step of it.
import { arraysOf, newModel } from "../jaxModel.mjs";
import { BATCH, drawBatch, SIZES } from "../model.mjs";
import { defaultDevice, init } from "../node_modules/@jax-js/jax/dist/index.js";

export async function firstStep() {
  await init("wasm");
  defaultDevice("wasm");
  return newModel(SIZES, 0.5)
    .step(...arraysOf(drawBatch(BATCH, false)))
    .jsAsync();
}
