import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, ShapeError } from "../../src/core/errors.ts";
import { arange, eye, full, ones, tensor, zeros } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";

const behaviour = suite("operations");
behaviour.before(useDevice);

const uint8 = (...values: number[]) => tensor(Uint8Array.from(values));
const is = (type: new (...given: never[]) => Error, text: RegExp) => (error: unknown) =>
  error instanceof type && text.test((error as Error).message);

behaviour("dtypes promote bool < uint8 < int32 < float32", () => {
  const bool = tensor([true, false]);
  const dtype = (a: Tensor, b: Tensor | number) => a.add(b).dtype;
  assert.is(dtype(bool, uint8(1, 2)), "uint8");
  assert.is(dtype(uint8(1, 2), arange(2)), "int32");
  assert.is(dtype(arange(2), ones(2)), "float32");
  assert.is(dtype(arange(2), 3), "int32");
  assert.is(dtype(arange(2), 0.5), "float32");
  assert.is(dtype(ones(2), 2 ** 40), "float32");
});

behaviour("integers divide as float32, their sums are int32, their mean is refused", async () => {
  assert.equal(await arange(4).div(2).data(), new Float32Array([0, 0.5, 1, 1.5]));
  assert.equal(await tensor([true, true, false]).sum().data(), Int32Array.of(2));
  assert.equal(await uint8(200, 100).sum().data(), Int32Array.of(300));
  assert.throws(() => arange(3).mean(), is(DTypeError, /int32/));
});

behaviour("numbers stand on either side", async () => {
  assert.equal(await F.sub(2, tensor([1, 5])).data(), Float32Array.of(1, -3));
  assert.equal(await F.div(1, tensor([4, -2])).data(), Float32Array.of(0.25, -0.5));
  assert.equal(await F.pow(2, arange(4)).data(), Int32Array.of(1, 2, 4, 8));
  assert.equal(await F.gt(1, arange(3)).toArray(), [true, false, false]);
});

behaviour("shapes broadcast from the last dimension; those that do not are named", async () => {
  assert.equal(await ones(2, 1).mul(arange(3)).toArray(), [
    [0, 1, 2],
    [0, 1, 2],
  ]);
  assert.equal(ones(4, 1, 3).add(ones(2, 1)).shape, [4, 2, 3]);
  assert.equal(zeros(0, 3).add(ones(3)).shape, [0, 3]);
  assert.throws(() => ones(2, 3).add(ones(4)), is(ShapeError, /\[2, 3\].*\[4\]/));
});

behaviour("reductions take dimensions from the end, several at once, and keep them if asked", async () => {
  const x = arange(24).to("float32").reshape(2, 3, 4);
  assert.equal(await x.sum(-1).toArray(), [
    [6, 22, 38],
    [54, 70, 86],
  ]);
  assert.equal(await x.sum([0, 2]).data(), Float32Array.of(60, 92, 124));
  assert.equal(x.mean([0, 2], { keepdim: true }).shape, [1, 3, 1]);
  assert.equal(await x.sum().data(), Float32Array.of(276));
  assert.equal(await tensor(5).sum().data(), Float32Array.of(5));
  assert.equal(await zeros(0, 3).sum(0).data(), Float32Array.of(0, 0, 0));
  assert.ok(Number.isNaN(await zeros(0).mean().item()));
  assert.throws(() => x.sum(3), is(RangeError, /\[-3, 2\], got 3/));
  assert.throws(() => x.sum([0, 0]), is(RangeError, /twice/));
});

behaviour("argmax takes the first of equals, and NaN for largest", async () => {
  assert.equal(
    await tensor([
      [1, 3, 3],
      [NaN, 9, NaN],
    ])
      .argmax(1)
      .data(),
    Int32Array.of(1, 0),
  );
  assert.is(
    await tensor([
      [1, 3],
      [5, 5],
    ])
      .argmax()
      .item(),
    2,
  );
  assert.equal(tensor([[1, 2]]).argmax(0, { keepdim: true }).shape, [1, 2]);
  assert.throws(() => zeros(0).argmax(), is(ShapeError, /nothing to choose/));
});

behaviour("elementwise operations work at every size around a vector's width", async () => {
  for (const n of [0, 1, 3, 4, 5, 17, 65]) {
    const x = arange(n).to("float32");
    assert.equal(
      await x.add(x).sub(1).data(),
      Float32Array.from({ length: n }, (_, i) => 2 * i - 1),
      `n ${n}`,
    );
    assert.equal(
      await x.ge(2).data(),
      Uint8Array.from({ length: n }, (_, i) => Number(i >= 2)),
      `n ${n}`,
    );
  }
});

behaviour("relu keeps NaN and -0", async () => {
  const found = await tensor([NaN, -0, -1, 2, Infinity, -Infinity]).relu().data();
  assert.ok(
    [NaN, -0, 0, 2, Infinity, 0].every((value, i) => Object.is(value, found[i])),
    String(found),
  );
});

behaviour("a transposed view serves every kind of operation", async () => {
  const x = arange(6).to("float32").reshape(2, 3);
  const y = x.t();
  assert.equal(await y.toArray(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(await y.add(1).toArray(), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  assert.equal(await y.sum(0).toArray(), [3, 12]);
  assert.equal(await y.matmul(x).toArray(), [
    [9, 12, 15],
    [12, 17, 22],
    [15, 22, 29],
  ]);
  assert.equal(await y.reshape(6).toArray(), [0, 3, 1, 4, 2, 5]);
  assert.equal(await y.clone().toArray(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(await y.t().reshape(-1).toArray(), [0, 1, 2, 3, 4, 5]);
  assert.equal(await y.argmax(0).toArray(), [2, 2]);
  assert.equal(await arange(6).reshape(2, 3).t().to("uint8").toArray(), [
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  assert.equal(await F.linear(x, arange(6).to("float32").reshape(3, 2).t()).toArray(), [
    [10, 13],
    [28, 40],
  ]);
});

behaviour("many dimensions are walked right", async () => {
  const x = arange(256).to("float32").reshape(2, 2, 2, 2, 2, 2, 2, 2);
  const turned = x.transpose(0, 7).transpose(1, 6).transpose(2, 5).transpose(3, 4);
  const found = await turned.data();
  const bits = (i: number) => Array.from({ length: 8 }, (_, b) => (i >> b) & 1).reduce((n, bit) => 2 * n + bit, 0);
  assert.equal(
    found,
    Float32Array.from({ length: 256 }, (_, i) => bits(i)),
  );
});

behaviour("reshape computes one size, flatten joins, squeeze and unsqueeze drop and add", () => {
  const x = arange(12);
  assert.equal(x.reshape(3, -1).shape, [3, 4]);
  assert.equal(x.view([2, 6]).shape, [2, 6]);
  assert.equal(x.reshape(2, 3, 2).flatten(1).shape, [2, 6]);
  assert.equal(x.reshape(1, 12, 1).squeeze().shape, [12]);
  assert.equal(x.unsqueeze(-1).shape, [12, 1]);
  assert.throws(() => x.reshape(5, -1), is(ShapeError, /12 elements/));
  assert.throws(() => x.reshape(5, 5), is(ShapeError, /\[5, 5\] holds 25/));
});

behaviour("matmul refuses what does not fit, with both shapes", () => {
  assert.throws(() => ones(2, 3).matmul(ones(2, 3)), is(ShapeError, /\[2, 3\] and \[2, 3\].*3 and 2/));
  assert.throws(() => ones(2).matmul(tensor(1)), is(ShapeError, /dimension/));
  assert.throws(() => arange(4).matmul(arange(4)), is(DTypeError, /int32/));
  assert.equal(ones(0, 3).matmul(ones(3, 2)).shape, [0, 2]);
});

behaviour("matmul over no steps gives zeros", async () => {
  assert.equal(await ones(2, 0).matmul(ones(0, 3)).data(), new Float32Array(6));
  assert.equal(
    await eye(3)
      .matmul(full([3, 1], 2))
      .data(),
    Float32Array.of(2, 2, 2),
  );
});

behaviour("labels on the host are checked at the call", () => {
  const scores = ones(2, 3);
  assert.throws(
    () => F.crossEntropy(scores, tensor(Int32Array.of(0, 3))),
    is(RangeError, /label 3 at position 1.*\[0, 3\)/),
  );
  assert.throws(() => F.crossEntropy(scores, tensor([0, 1])), is(DTypeError, /integer class labels/));
  assert.throws(() => F.crossEntropy(scores, tensor(Int32Array.of(0))), is(ShapeError, /\[2\].*\[1\]/));
  assert.throws(() => F.nllLoss(scores, tensor(Int32Array.of(-1, 0))), is(RangeError, /label -1/));
});

behaviour("labels that a kernel made are reported with the next read, and reading goes on", async () => {
  const loss = F.crossEntropy(ones(2, 3), arange(2).add(2));
  await loss.item().then(
    () => assert.unreachable("it was read"),
    (error: unknown) => assert.ok(is(RangeError, /label 3.*\[0, 3\)/)(error)),
  );
  assert.is(await ones(1).add(1).item(), 2);
});

behaviour("what a loss says of its input names the function that was called", async () => {
  const labels = arange(2).add(2);
  await F.nllLoss(ones(2, 3), labels)
    .item()
    .then(
      () => assert.unreachable("it was read"),
      (error: unknown) => assert.ok(is(RangeError, /nllLoss: label 3/)(error)),
    );
  assert.throws(() => F.binaryCrossEntropy(ones(1), ones(2)), is(ShapeError, /^binaryCrossEntropy: /));
  assert.throws(
    () => F.binaryCrossEntropyWithLogits(ones(1), ones(2)),
    is(ShapeError, /^binaryCrossEntropyWithLogits: /),
  );
});

behaviour("losses refuse shapes that differ and unknown reductions", () => {
  assert.throws(() => F.mseLoss(ones(2, 1), ones(2)), is(ShapeError, /\[2, 1\].*\[2\]/));
  assert.throws(() => F.binaryCrossEntropy(tensor([1.5]), ones(1)), is(RangeError, /1\.5 at position 0/));
  const reduction = "average" as "mean";
  assert.throws(() => F.mseLoss(ones(1), ones(1), { reduction }), is(RangeError, /"average"/));
});

behaviour("conversions truncate, wrap and saturate as documented", async () => {
  assert.equal(await tensor([1.9, -1.9, NaN, 1e20]).to("int32").data(), Int32Array.of(1, -1, 0, 2147483647));
  assert.equal(await tensor([0, -0, NaN, 2]).to("bool").toArray(), [false, false, true, true]);
  assert.is(ones(1).to("float32").dtype, "float32");
});

behaviour("creation checks shapes and values", async () => {
  assert.equal(await eye(2, 3, { dtype: "int32" }).data(), Int32Array.of(1, 0, 0, 0, 1, 0));
  assert.throws(() => tensor([[1, 2], [3]]), is(ShapeError, /ragged/));
  assert.throws(() => tensor([3e9], { dtype: "int32" }), is(DTypeError, /3000000000/));
  assert.throws(() => zeros(-1), is(ShapeError, /-1/));
  assert.throws(() => arange(0, 1, -1), is(RangeError, /steps of -1/));
  assert.equal(await arange(0, 1, 0.25).data(), Float32Array.of(0, 0.25, 0.5, 0.75));
  assert.equal(
    await tensor([
      [1, 2],
      [3, 4],
    ]).toArray(),
    [
      [1, 2],
      [3, 4],
    ],
  );
});

behaviour.run();
