import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { arange, ones, tensor, zeros } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import * as nn from "../../src/nn/index.ts";
import { drawDropout } from "../../src/ops/dropout.ts";
import { useDevice } from "../support/device.ts";

const edges = suite("operations at their edges");
edges.before(useDevice);

const is = (type: new (...given: never[]) => Error, text: RegExp) => (error: unknown) =>
  error instanceof type && text.test((error as Error).message);

edges("an operand of two elements is repeated, not taken for one number", async () => {
  assert.equal(
    await zeros([3, 2])
      .add(tensor([1, 2]))
      .data(),
    Float32Array.of(1, 2, 1, 2, 1, 2),
  );
  assert.equal(
    await tensor([[1], [2]])
      .sub(zeros([2, 3]))
      .data(),
    Float32Array.of(1, 1, 1, 2, 2, 2),
  );
});

edges("linear without input features gives the bias, and the bias its gradient", async () => {
  const bias = tensor([5, 6], { requiresGrad: true });
  const y = F.linear(zeros([3, 0]), zeros([2, 0]), bias);
  assert.equal(await y.data(), Float32Array.of(5, 6, 5, 6, 5, 6));
  y.sum().backward();
  assert.equal(await bias.grad?.data(), Float32Array.of(3, 3));
  assert.equal(await F.linear(zeros([2, 2, 0]), zeros([1, 0])).data(), new Float32Array(4));
});

edges("a layer whose every output is dropped passes no gradient, not even where it is NaN", async () => {
  const layer = new nn.Linear(1, 2);
  const y = new nn.Sequential(layer, new nn.ReLU(), new nn.Dropout(1))(tensor([[1], [Number.NaN]]));
  y.sum().backward();
  // PyTorch: the gradient of a dropped element is its own times 0.
  assert.equal(await layer.bias?.grad?.data(), new Float32Array(2));
});

edges("dropout draws below the nearest of 2^24 thresholds, and scales what it keeps", () => {
  for (const [p, threshold] of [
    [0.5, 2 ** 23],
    [0.3, 11744051], // 0.7 · 2^24 = 11744051.2
    [0.1, 15099494], // 0.9 · 2^24 = 15099494.4
    [0.9, 1677722], // 0.1 · 2^24 = 1677721.6
    [1, 0],
  ] as const)
    assert.is(drawDropout(p).threshold, threshold);
  assert.is(drawDropout(0.75).scale, 4);
  assert.is(drawDropout(1).scale, 0);
});

edges("dropout takes float32 alone, wherever its masks come from", () => {
  for (const dropout of ["philox", "torch"] as const) {
    manualSeed(1, { dropout });
    assert.throws(() => F.dropout(arange(3), 0.5), is(DTypeError, /dropout: expected float32, got int32/));
  }
  manualSeed(1);
});

edges("flatten gives the tensor itself where it has one dimension to join, and one element as a vector", async () => {
  const x = tensor([1, 2, 3]);
  assert.is(F.flatten(x), x);
  const matrix = ones([2, 3]);
  assert.is(F.flatten(matrix, 1, 1), matrix);
  assert.equal(F.flatten(tensor(5)).shape, [1]);
});

edges("flatten refuses a first dimension behind the last", () => {
  assert.throws(() => F.flatten(ones([2, 3, 4]), 2, 1), is(RangeError, /startDim 2 comes after endDim 1/));
});

edges("losses of classes refuse labels that are no tensor", () => {
  const labels = [1, 0] as unknown as ReturnType<typeof tensor>;
  for (const loss of [F.crossEntropy, F.nllLoss])
    assert.throws(() => loss(ones([2, 3]), labels), is(TypeError, /expected a tensor of class labels/));
});

edges.run();
