import { Module } from "../nn/module.ts";
import type { Model } from "./evaluate.ts";

/**
 * Sets a model's mode, as often as it is called: before every batch, since a callback may have changed it meanwhile. Which modules
 * there are is asked once, except where `train` is the model's own.
 */
export function modeSetter(model: Model, mode: boolean): () => void {
  if (!(model instanceof Module) || model.train !== Module.prototype.train) return () => void model.train(mode);
  const modules = model.modules();
  return () => {
    for (const module of modules) module.training = mode;
  };
}
