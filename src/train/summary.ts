/**
 * `summary`: torchinfo's table of a model.
 *
 * @example
 * ```ts
 * import { summary } from "torchlet/summary";
 * console.log(summary(model, [200, 1, 28, 28]));
 * ```
 *
 * @module torchlet/summary
 */
import type { Shape } from "../core/shape.ts";
import type { Module } from "../nn/module.ts";
import { summaryFacts } from "./summaryFacts.ts";
import { summaryTable } from "./summaryTable.ts";

/**
 * torchinfo's table of a model: its modules as one forward pass calls them, their output shapes and parameters, and totals.
 * Only shape rules run: no element is computed, no random number drawn, no mode changed.
 *
 * @param model any module; those that its `forward` calls and its fields hold are listed
 * @param inputSize the shape of a batch, or a list of shapes for a model with several inputs
 * @returns the text, without a final line break: layers, output shapes, parameters; totals, mult-adds, sizes in MB (10⁶ bytes)
 * @throws ShapeError where the model does not take such an input, or the list is empty
 * @throws TorchletError where the model calls no module
 * @see torchinfo, https://github.com/TylerYep/torchinfo
 */
export function summary(model: Module, inputSize: Shape | readonly Shape[]): string {
  const { rows, totals } = summaryFacts(model, inputSize);
  return summaryTable(rows, totals);
}
