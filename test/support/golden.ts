import * as F from "../../src/functional.ts";
import { tensor } from "../../src/create.ts";
import type { LossReduction } from "../../src/ops/classLoss.ts";
import type { Tensor } from "../../src/tensor.ts";
import type { StoredTensor } from "./tensors.ts";

/** Options of a golden case, in PyTorch's names. */
export interface Attributes {
  readonly p?: number;
  readonly dim?: number | number[] | null;
  readonly keepdim?: boolean;
  readonly start_dim?: number;
  readonly reduction?: LossReduction;
  readonly ignore_index?: number;
  readonly label_smoothing?: number;
}

/** One case of `ops.json`: names of tensors in the file beside it. */
export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: Attributes;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, Stored>>;
  readonly grads?: Readonly<Record<string, Stored>> | null;
  readonly gout?: string;
}

/** Where the same values are stored: computed in float32 and in float64, or just once. */
export type Stored = string | Readonly<Record<string, string>>;

export const nameOf = (stored: Stored): string =>
  typeof stored === "string" ? stored : (stored.f64 ?? stored.f32 ?? Object.values(stored)[0] ?? "");

/** A stored tensor as one of ours: int64 as int32, bool as 0 and 1. */
export function fromStored(stored: StoredTensor): Tensor {
  const { data, shape } = stored;
  if (data instanceof BigInt64Array) return tensor(Int32Array.from(data, Number), { shape });
  return tensor(stored.dtype === "BOOL" ? Float32Array.from(data, Number) : data, { shape });
}

type Inputs = Readonly<Record<string, Tensor>>;
type Run = (inputs: Inputs, attributes: Attributes) => Tensor;

const of = (inputs: Inputs, name: string): Tensor => {
  const found = inputs[name];
  if (found === undefined) throw new Error(`the case has no input ${name}`);
  return found;
};
const unary =
  (op: (x: Tensor) => Tensor): Run =>
  (inputs) =>
    op(of(inputs, "x"));
const binary =
  (op: (a: Tensor, b: Tensor) => Tensor): Run =>
  (inputs) =>
    op(of(inputs, "a"), of(inputs, "b"));
const dimsOf = ({ dim }: Attributes): number | number[] | undefined => dim ?? undefined;
const dimOf = ({ dim }: Attributes): number => (typeof dim === "number" ? dim : -1);

const classLoss = (inputs: Inputs, { reduction = "mean", ignore_index, label_smoothing }: Attributes) => ({
  reduction,
  ...(inputs.w && { weight: inputs.w }),
  ...(ignore_index !== undefined && { ignoreIndex: ignore_index }),
  ...(label_smoothing !== undefined && { labelSmoothing: label_smoothing }),
});

/** How each operation of the golden file is called here. */
export const RUNS: Readonly<Record<string, Run>> = {
  linear: (inputs) => F.linear(of(inputs, "x"), of(inputs, "w"), inputs.b),
  matmul: binary(F.matmul),
  add: binary(F.add),
  sub: binary(F.sub),
  mul: binary(F.mul),
  div: binary(F.div),
  exp: unary(F.exp),
  log: unary(F.log),
  sqrt: unary(F.sqrt),
  relu: unary(F.relu),
  sigmoid: unary(F.sigmoid),
  tanh: unary(F.tanh),
  dropout_given_mask: (inputs, { p = 0 }) => F.mul(of(inputs, "x"), F.div(of(inputs, "mask"), Math.fround(1 - p))),
  softmax: (inputs, attributes) => F.softmax(of(inputs, "x"), dimOf(attributes)),
  log_softmax: (inputs, attributes) => F.logSoftmax(of(inputs, "x"), dimOf(attributes)),
  cross_entropy: (inputs, attributes) =>
    F.crossEntropy(of(inputs, "x"), of(inputs, "t"), classLoss(inputs, attributes)),
  nll_loss: (inputs, attributes) => F.nllLoss(of(inputs, "x"), of(inputs, "t"), classLoss(inputs, attributes)),
  mse_loss: (inputs, { reduction = "mean" }) => F.mseLoss(of(inputs, "x"), of(inputs, "y"), { reduction }),
  bce_with_logits: (inputs, { reduction = "mean" }) =>
    F.binaryCrossEntropyWithLogits(of(inputs, "x"), of(inputs, "y"), {
      reduction,
      ...(inputs.pw && { posWeight: inputs.pw }),
    }),
  flatten: (inputs, { start_dim = 0 }) => F.flatten(of(inputs, "x"), start_dim),
  sum: (inputs, attributes) => F.sum(of(inputs, "x"), dimsOf(attributes), { keepdim: attributes.keepdim === true }),
  mean: (inputs, attributes) => F.mean(of(inputs, "x"), dimsOf(attributes), { keepdim: attributes.keepdim === true }),
  argmax: (inputs, attributes) => F.argmax(of(inputs, "x"), dimOf(attributes)),
};
