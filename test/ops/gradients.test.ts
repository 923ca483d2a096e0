import { suite } from "uvu";
import * as assert from "uvu/assert";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import * as nn from "../../src/nn/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { gradcheck, noise } from "../support/gradcheck.ts";

const gradients = suite("gradients");
gradients.before(useDevice);

interface Sample {
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly { data: Float32Array; shape: readonly number[] }[];
}

const random = (...shape: number[]) => ({
  data: noise(
    shape.reduce((n, size) => n * size, 1),
    shape.length + 7,
  ),
  shape,
});
/** Away from 0 by 0.3 to 1.3, with the signs of noise: no difference crosses a kink or a pole. */
const apart = (...shape: number[]) => {
  const { data } = random(...shape);
  return { data: data.map((value) => value + (value < 0 ? -0.3 : 0.3)), shape };
};
const positive = (...shape: number[]) => ({ data: random(...shape).data.map((value) => Math.abs(value) + 0.5), shape });
const within = (...shape: number[]) => ({ data: random(...shape).data.map((value) => 0.5 + 0.4 * value), shape });

const labels = () => tensor(Int32Array.of(1, 0, 4, 2));
const ignoring = () => tensor(Int32Array.of(1, -100, 4, 2));
const weight = () => tensor([0.5, 1, 2, 0.1, 1.5]);
const targets = () => tensor(within(3, 5).data, { shape: [3, 5] });
/** The same masks at every call, so that both sides of a difference drop the same elements. */
const seeded = <T>(work: () => T): T => {
  manualSeed(5);
  return work();
};

const binary = (f: (a: Tensor, b: Tensor) => Tensor, right = apart): Sample[] => [
  { f: f as Sample["f"], inputs: [apart(3, 5), right(3, 5)] },
  { f: f as Sample["f"], inputs: [apart(3, 5), right(5)] },
  { f: f as Sample["f"], inputs: [apart(2, 1, 3), right(4, 1)] },
  { f: f as Sample["f"], inputs: [apart(), right(2, 3)] },
];
const unary = (f: (x: Tensor) => Tensor, make = apart): Sample[] => [
  { f: f as Sample["f"], inputs: [make(3, 5)] },
  { f: (x) => f((x as Tensor).t()), inputs: [make(4, 3)] },
];
const losses = (f: (x: Tensor, reduction: "mean" | "sum" | "none") => Tensor, make = random): Sample[] =>
  (["mean", "sum", "none"] as const).map((reduction) => ({
    f: (x) => f(x as Tensor, reduction),
    inputs: [make(4, 5)],
  }));

const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  add: binary(F.add),
  sub: binary(F.sub),
  mul: binary(F.mul),
  div: binary(F.div),
  pow: [
    ...binary(F.pow, positive).map(({ inputs }) => ({
      f: F.pow as Sample["f"],
      inputs: inputs.map(({ data, shape }) => ({ data: data.map((value) => Math.abs(value) + 0.4), shape })),
    })),
    { f: (x) => F.pow(x as Tensor, 3), inputs: [apart(3, 5)] },
    { f: (x) => F.pow(2, x as Tensor), inputs: [apart(3, 5)] },
  ],
  neg: unary(F.neg),
  exp: unary(F.exp),
  log: unary(F.log, positive),
  sqrt: unary(F.sqrt, positive),
  relu: unary(F.relu),
  sigmoid: unary(F.sigmoid),
  tanh: unary(F.tanh),
  softmax: [0, 1, 2].map((dim) => ({ f: (x) => F.softmax(x as Tensor, dim), inputs: [random(2, 3, 4)] })),
  logSoftmax: [0, 1, -1].map((dim) => ({ f: (x) => F.logSoftmax(x as Tensor, dim), inputs: [random(2, 3, 4)] })),
  sum: [undefined, 1, [0, 2], [-1]].map((dims) => ({ f: (x) => F.sum(x as Tensor, dims), inputs: [random(2, 3, 4)] })),
  mean: [undefined, 0, [0, 2], [1, 2]].map((dims) => ({
    f: (x) => F.mean(x as Tensor, dims, { keepdim: true }),
    inputs: [random(2, 3, 4)],
  })),
  matmul: [
    [random(3, 5), random(5, 2)],
    [random(5), random(5, 2)],
    [random(3, 5), random(5)],
    [random(5), random(5)],
    [random(2, 3, 5), random(5, 2)],
    [random(2, 3, 5), random(2, 5, 2)],
    [random(2, 1, 3, 5), random(4, 5, 2)],
  ].map((inputs) => ({ f: F.matmul as Sample["f"], inputs })),
  linear: [
    { f: F.linear as Sample["f"], inputs: [random(3, 5), random(4, 5), random(4)] },
    { f: (x, w) => F.linear(x as Tensor, w as Tensor), inputs: [random(2, 3, 5), random(4, 5)] },
  ],
  dropout: [{ f: (x) => seeded(() => F.dropout(x as Tensor, 0.4)), inputs: [random(5, 7)] }],
  crossEntropy: [
    ...losses((x, reduction) => F.crossEntropy(x, ignoring(), { reduction, weight: weight(), labelSmoothing: 0.1 })),
    {
      f: (x) => F.crossEntropy(x as Tensor, tensor(Int32Array.of(1, 0, 2, 2, 1, 0), { shape: [2, 3] })),
      inputs: [random(2, 3, 3)],
    },
  ],
  nllLoss: losses((x, reduction) => F.nllLoss(x, ignoring(), { reduction, weight: weight() })),
  mseLoss: [{ f: F.mseLoss as Sample["f"], inputs: [random(3, 5), apart(3, 5)] }],
  binaryCrossEntropy: [{ f: (x) => F.binaryCrossEntropy(x as Tensor, targets()), inputs: [within(3, 5)] }],
  binaryCrossEntropyWithLogits: [
    {
      f: (x) => F.binaryCrossEntropyWithLogits(x as Tensor, targets(), { posWeight: weight() }),
      inputs: [random(3, 5)],
    },
  ],
  reshape: [{ f: (x) => F.reshape(x as Tensor, [-1, 2]), inputs: [random(3, 4)] }],
  flatten: [{ f: (x) => F.flatten(x as Tensor, 1), inputs: [random(2, 3, 2)] }],
  transpose: [{ f: (x) => F.transpose(x as Tensor, 0, 2), inputs: [random(2, 3, 4)] }],
  t: [{ f: (x) => F.t(x as Tensor), inputs: [random(3, 4)] }],
  squeeze: [
    { f: (x) => F.squeeze(x as Tensor), inputs: [random(2, 1, 4)] },
    { f: (x) => F.squeeze((x as Tensor).transpose(0, 2), 1), inputs: [random(2, 1, 4)] },
  ],
  unsqueeze: [
    { f: (x) => F.unsqueeze(x as Tensor, 1), inputs: [random(2, 4)] },
    { f: (x) => F.unsqueeze((x as Tensor).t(), -1), inputs: [random(2, 4)] },
  ],
  clone: unary(F.clone),
};

const WITHOUT = ["argmax", "detach", "eq", "ge", "gt", "le", "lt", "ne"];

gradients("every function has samples, or is known to have no gradient", () => {
  const names = Object.keys(F).filter((name) => !WITHOUT.includes(name));
  assert.equal(names.sort(), Object.keys(SAMPLES).sort());
});

for (const [name, samples] of Object.entries(SAMPLES))
  gradients(`${name}: analytic and numeric gradients agree`, async () => {
    for (const [i, { f, inputs }] of samples.entries()) await gradcheck(`${name}, sample ${i}`, f, inputs);
  });

const linear = () => seeded(() => new nn.Linear(5, 5));
const MODULES: Readonly<Record<string, { module: () => (x: Tensor) => Tensor; input?: ReturnType<typeof random> }>> = {
  Linear: { module: linear },
  ReLU: { module: () => new nn.ReLU(), input: apart(4, 5) },
  Sigmoid: { module: () => new nn.Sigmoid() },
  Tanh: { module: () => new nn.Tanh() },
  Softmax: { module: () => new nn.Softmax(1) },
  Dropout: { module: () => new nn.Dropout(0.3) },
  Flatten: { module: () => new nn.Flatten() },
  Identity: { module: () => new nn.Identity() },
  Sequential: {
    module: () =>
      seeded(() => new nn.Sequential(new nn.Linear(5, 6), new nn.Tanh(), new nn.Linear(6, 3), new nn.Dropout(0.5))),
  },
  CrossEntropyLoss: { module: () => (x) => new nn.CrossEntropyLoss({ labelSmoothing: 0.2 })(x, labels()) },
  NLLLoss: { module: () => (x) => new nn.NLLLoss()(x, labels()) },
  MSELoss: { module: () => (x) => new nn.MSELoss()(x, tensor(noise(20, 3), { shape: [4, 5] })) },
  BCELoss: {
    module: () => (x) => new nn.BCELoss()(x, tensor(within(4, 5).data, { shape: [4, 5] })),
    input: within(4, 5),
  },
  BCEWithLogitsLoss: {
    module: () => (x) => new nn.BCEWithLogitsLoss()(x, tensor(within(4, 5).data, { shape: [4, 5] })),
  },
};

gradients("every module has a sample", () => {
  const abstract = ["Module", "Parameter", "init"];
  assert.equal(
    Object.keys(nn)
      .filter((name) => !abstract.includes(name))
      .sort(),
    Object.keys(MODULES).sort(),
  );
});

for (const [name, { module, input = random(4, 5) }] of Object.entries(MODULES))
  gradients(`nn.${name}: analytic and numeric gradients agree`, async () => {
    const made = module();
    await gradcheck(name, (x) => seeded(() => made(x)), [input]);
  });

gradients("a fused Linear, ReLU and Dropout passes gradients to weight and bias", async () => {
  const x = tensor(noise(12, 4), { shape: [4, 3] });
  const block = (w: Tensor, b: Tensor) =>
    seeded(() => {
      const model = new nn.Sequential(new nn.Linear(3, 5), new nn.ReLU(), new nn.Dropout(0.5));
      const [first] = model.children() as [nn.Linear];
      Object.assign(first, { weight: w, bias: b });
      manualSeed(11);
      return model(x);
    });
  await gradcheck("block", block, [apart(5, 3), { data: noise(5, 2).map((value) => value + 3), shape: [5] }]);
});

gradients.run();
