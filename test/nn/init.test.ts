import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, GraphError, ShapeError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { arange, zeros } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import * as nn from "../../src/nn/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { float32Of, readTensors } from "../support/tensors.ts";

const initialising = suite("nn.init");
initialising.before(useDevice);

const golden = await readTensors("test/golden/init.safetensors");

/** What PyTorch's calls after `manual_seed(1)` are here. */
const CASES: Readonly<Record<string, (target: Tensor) => Tensor>> = {
  kaiming_uniform_a_sqrt5_shape_8x6: (target) => nn.init.kaimingUniform_(target, { a: Math.sqrt(5) }),
  kaiming_uniform_relu_fan_out_shape_8x6: (target) =>
    nn.init.kaimingUniform_(target, { mode: "fan_out", nonlinearity: "relu" }),
  kaiming_normal_relu_shape_8x6: (target) => nn.init.kaimingNormal_(target, { nonlinearity: "relu" }),
  xavier_uniform_gain1_shape_8x6: (target) => nn.init.xavierUniform_(target),
  xavier_normal_gain1_shape_8x6: (target) => nn.init.xavierNormal_(target),
};

for (const [name, fill] of Object.entries(CASES))
  initialising(`${name} gives PyTorch's bits`, async () => {
    manualSeed(1);
    const target = zeros(8, 6);
    assert.is(fill(target), target);
    assert.equal(await target.data(), float32Of(golden, `s1/${name}`));
  });

initialising("constants fill parameters and plain tensors in place", async () => {
  for (const target of [zeros(2, 2), new nn.Parameter(randn(2, 2))]) {
    assert.equal(await nn.init.ones_(target).data(), Float32Array.of(1, 1, 1, 1));
    assert.equal(await nn.init.constant_(target, 2.5).data(), new Float32Array(4).fill(2.5));
    assert.equal(await nn.init.zeros_(target).data(), new Float32Array(4));
  }
});

initialising("the bounds of uniform_ and the moments of normal_ are those asked for", async () => {
  manualSeed(3);
  const uniform = await nn.init.uniform_(zeros(10000), -2, 3).data();
  assert.ok(uniform.every((value) => value >= -2 && value < 3));
  const normal = Float32Array.from(await nn.init.normal_(zeros(10000), 5, 0.5).data());
  const mean = normal.reduce((sum, value) => sum + value, 0) / 10000;
  // Five standard deviations of the mean of 10,000 draws.
  assert.ok(Math.abs(mean - 5) <= 5 * 0.005, String(mean));
});

initialising("refuses results, integers, and shapes without fans", () => {
  const leaf = zeros([2], { requiresGrad: true });
  assert.throws(
    () => nn.init.ones_(leaf.mul(2)),
    (error: unknown) => error instanceof GraphError,
  );
  assert.throws(
    () => nn.init.zeros_(arange(3)),
    (error: unknown) => error instanceof DTypeError,
  );
  assert.throws(
    () => nn.init.xavierUniform_(zeros(3)),
    (error: unknown) => error instanceof ShapeError,
  );
});

initialising.run();
