import type { Tensor } from "../tensor.ts";

/**
 * How predictions are judged: `"multi"` takes the arg-max over classes, `"binary"` the 0.5 threshold of probabilities.
 *
 * @category Evaluation
 */
export type Mode = "multi" | "binary";

/** Throws unless `mode` names one. */
export function checkMode(operation: string, mode: string): Mode {
  if (mode !== "multi" && mode !== "binary")
    throw new TypeError(`${operation}: mode must be "multi" or "binary", got ${JSON.stringify(mode)}`);
  return mode;
}

/**
 * How many predictions of a batch are right.
 *
 * @param output `"multi"`: [n, classes], the largest wins; `"binary"`: probabilities of any shape, 1 from 0.5 on
 * @param target `"multi"`: class labels [n]; `"binary"`: 0 or 1, as many as `output`
 * @param mode how they are judged
 * @returns int32 [], 0 to n
 * @throws ShapeError where output and target do not fit
 * @throws RangeError for an output of one dimension in mode `"multi"`
 * @category Evaluation
 */
export function countCorrect(output: Tensor, target: Tensor, mode: Mode): Tensor {
  if (mode === "multi") return output.argmax(1).eq(target).sum();
  return output.ge(0.5).eq(target.reshape(output.shape)).sum();
}
