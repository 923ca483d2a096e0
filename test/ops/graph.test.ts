import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError } from "../../src/core/errors.ts";
import { arange, ones, tensor } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";

const graph = suite("graph nodes and gradients of special values");
graph.before(useDevice);

const leaf = (...shape: number[]): Tensor => ones(shape).requiresGrad_();
const nameOf = async (x: Tensor): Promise<string | undefined> => /grad_fn=<(\w+)>/.exec(await x.format())?.[1];

/** The names that PyTorch 1.13 prints; a reshape prints as a view here. */
const NAMES: readonly (readonly [expected: string, make: () => Tensor])[] = [
  ["AddBackward0", () => leaf(2).add(1)],
  ["SubBackward0", () => leaf(2).sub(1)],
  ["MulBackward0", () => leaf(2).mul(2)],
  ["DivBackward0", () => leaf(2).div(2)],
  ["PowBackward0", () => leaf(2).pow(2)],
  ["PowBackward1", () => leaf(2).pow(leaf(2))],
  ["NegBackward0", () => leaf(2).neg()],
  ["ExpBackward0", () => leaf(2).exp()],
  ["LogBackward0", () => leaf(2).log()],
  ["SqrtBackward0", () => leaf(2).sqrt()],
  ["ReluBackward0", () => leaf(2).relu()],
  ["SigmoidBackward0", () => leaf(2).sigmoid()],
  ["TanhBackward0", () => leaf(2).tanh()],
  ["SumBackward0", () => leaf(2).sum()],
  ["SumBackward1", () => leaf(2).sum(0)],
  ["MeanBackward0", () => leaf(2).mean()],
  ["MeanBackward1", () => leaf(2).mean(0)],
  ["DotBackward0", () => leaf(2).matmul(ones(2))],
  ["MvBackward0", () => leaf(2, 2).matmul(ones(2))],
  ["SqueezeBackward3", () => leaf(2).matmul(ones(2, 2))],
  ["MmBackward0", () => leaf(2, 2).matmul(ones(2, 2))],
  ["UnsafeViewBackward0", () => leaf(2, 2, 2).matmul(ones(2, 2))],
  ["ViewBackward0", () => leaf(2, 2).reshape(4)],
  ["ViewBackward0", () => leaf(2, 2).flatten()],
  ["TBackward0", () => leaf(2, 2).t()],
  ["TransposeBackward0", () => leaf(2, 2).transpose(0, 1)],
  ["SqueezeBackward0", () => leaf(2, 1).squeeze()],
  ["SqueezeBackward1", () => leaf(2, 1).squeeze(1)],
  ["UnsqueezeBackward0", () => leaf(2).unsqueeze(0)],
  ["CloneBackward0", () => leaf(2).clone()],
  ["NllLossBackward0", () => F.crossEntropy(leaf(1, 2), tensor(Int32Array.of(1)))],
  ["BinaryCrossEntropyWithLogitsBackward0", () => F.binaryCrossEntropyWithLogits(leaf(2), tensor([0, 1]))],
  ["AddBackward0", () => F.crossEntropy(leaf(1, 2), tensor(Int32Array.of(1)), { labelSmoothing: 0.1 })],
];

graph("results print PyTorch's names of their graph nodes", async () => {
  for (const [expected, make] of NAMES) assert.is(await nameOf(make()), expected);
});

graph("comparisons, argmax and detached tensors have no graph", () => {
  const x = leaf(2, 2);
  for (const y of [x.eq(1), x.ne(1), x.lt(1), x.le(1), x.gt(1), x.ge(1), x.argmax(), x.detach()])
    assert.not(y.requiresGrad);
});

graph("powers of 0 have the gradients that PyTorch gives them", async () => {
  const base = tensor([0, 0, 0, 2], { requiresGrad: true });
  const exponent = tensor([-1, 0, 2, 3], { requiresGrad: true });
  F.pow(base, exponent).sum().backward();
  // b a^(b − 1), 0 where b is 0; a^b ln a, 0 where a is 0 and b is not below 0.
  assert.equal(await base.grad?.data(), Float32Array.of(-Infinity, 0, 0, 12));
  const [first, ...rest] = (await exponent.grad?.data()) ?? [];
  assert.is(first, -Infinity);
  assert.equal(rest.slice(0, 2), [0, 0]);
  // 2e-6: 8 ln 2 is 5.545…, where float32 is spaced 5e-7.
  assert.ok(Math.abs((rest[2] ?? NaN) - 8 * Math.LN2) <= 2e-6, String(rest[2]));
});

graph("elementwise gradients carry NaN and infinities on", async () => {
  const gradient = async (f: (x: Tensor) => Tensor, value: number): Promise<number | undefined> => {
    const x = tensor([value], { requiresGrad: true });
    f(x).backward(ones(1));
    return (await x.grad?.data())?.[0];
  };
  assert.is(await gradient(F.sqrt, 0), Infinity);
  assert.is(await gradient(F.log, 0), Infinity);
  assert.is(await gradient(F.exp, -Infinity), 0);
  assert.is(await gradient(F.relu, NaN), 1);
  for (const f of [F.exp, F.log, F.sqrt, F.sigmoid, F.tanh])
    assert.ok(Number.isNaN(await gradient(f, NaN)), `${f.name} of NaN`);
});

graph("a gradient of integers or bools counts as float32", async () => {
  for (const given of [arange(3), tensor([false, true, true])]) {
    const x = leaf(3);
    x.mul(2).backward(given);
    const expected = Float32Array.from(await given.data(), (value) => 2 * value);
    assert.equal(await x.grad?.data(), expected, given.dtype);
  }
});

graph("squeeze and unsqueeze view transposed tensors", async () => {
  const x = arange(6).reshape(2, 1, 3).transpose(0, 2);
  assert.equal(await x.squeeze(1).toArray(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(await x.squeeze().unsqueeze(-1).toArray(), [
    [[0], [3]],
    [[1], [4]],
    [[2], [5]],
  ]);
  assert.throws(
    () => x.unsqueeze(4),
    (error: unknown) => error instanceof RangeError && /\[-4, 3\], got 4/.test(error.message),
  );
});

graph("differences of bools and negative powers of integers are refused", async () => {
  const mask = tensor([true, false]);
  assert.throws(
    () => mask.sub(mask),
    (error: unknown) => error instanceof DTypeError && /sub: .*two bool/.test(error.message),
  );
  assert.equal(await F.sub(1, mask).data(), Int32Array.of(0, 1));
  assert.throws(
    () => arange(3).pow(-1),
    (error: unknown) => error instanceof RangeError && /pow: int32 .*exponent -1/.test(error.message),
  );
  assert.equal(await arange(3).pow(-0.5).data(), Float32Array.of(Infinity, 1, Math.fround(Math.SQRT1_2)));
});

graph("operations of floats refuse integers and say how to convert", () => {
  for (const f of [F.exp, F.log, F.sqrt, F.relu, F.sigmoid, F.tanh])
    assert.throws(
      () => f(arange(2)),
      (error: unknown) =>
        error instanceof DTypeError && error.message.startsWith(`${f.name}: expected float32, got int32`),
    );
});

graph.run();
