import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  biasBound,
  calculateGain,
  fanInAndFanOut,
  kaimingBound,
  kaimingStd,
  type Nonlinearity,
  xavierBound,
  xavierStd,
} from "../../src/core/initialization.ts";
import { Generator } from "../../src/core/random.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { readJson } from "../support/files.ts";
import { scalarMath as math } from "../support/scalarMath.ts";
import { sha256 } from "../support/sha256.ts";
import { float32Of, readTensors } from "../support/tensors.ts";

interface Golden {
  model_seed: string;
  model: { name: string; shape: number[]; sha256_f32le: string; first16: number[]; last4: number[] }[];
  model_next_rand: number;
  linear: { seed: string; in: number; out: number; prefix: string; next_rand: number }[];
  other: { seed: string; what: string; tensor: string }[];
}

const golden = await readJson<Golden>("test/golden/init.json");
const tensors = await readTensors("test/golden/init.safetensors");
const initialization = suite("initialization");

/** The weight of a layer, then its bias, as PyTorch's `reset_parameters` draws them. */
function drawLayer(generator: Generator, shape: number[]): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const { fanIn } = fanInAndFanOut(shape);
  const n = shape.reduce((product, size) => product * size, 1);
  const bound = kaimingBound(fanIn, "leaky_relu", Math.sqrt(5));
  const bias = biasBound(fanIn);
  return [generator.uniform(n, -bound, bound), generator.uniform(shape[0] ?? 0, -bias, bias)];
}

const symmetric = (generator: Generator, n: number, bound: number) => generator.uniform(n, -bound, bound);

const OTHER: Record<string, (generator: Generator) => Iterable<number>> = {
  kaiming_uniform_a_sqrt5_shape_8x6: (g) => symmetric(g, 48, kaimingBound(6, "leaky_relu", Math.sqrt(5))),
  kaiming_uniform_relu_fan_out_shape_8x6: (g) => symmetric(g, 48, kaimingBound(8, "relu")),
  kaiming_normal_relu_shape_8x6: (g) => g.normal(48, 0, kaimingStd(6, "relu"), math),
  xavier_uniform_gain1_shape_8x6: (g) => symmetric(g, 48, xavierBound(6, 8)),
  xavier_normal_gain1_shape_8x6: (g) => g.normal(48, 0, xavierStd(6, 8), math),
  embedding_7x4: (g) => g.normal(28, 0, 1, math),
  conv2d_3_4_k3_weight_then_bias: (g) => drawLayer(g, [4, 3, 3, 3]).flatMap((values) => [...values]),
};

for (const { seed, in: inputs, out, prefix, next_rand } of golden.linear) {
  initialization(`fills Linear(${inputs}, ${out}) with PyTorch's values from seed ${seed}`, () => {
    const generator = new Generator(BigInt(seed));
    const [weight, bias] = drawLayer(generator, [out, inputs]);
    assert.equal(weight, float32Of(tensors, `${prefix}/weight`));
    assert.equal(bias, float32Of(tensors, `${prefix}/bias`));
    assert.is(generator.rand(1)[0], next_rand);
  });
}

for (const { seed, what, tensor } of golden.other) {
  initialization(`gives PyTorch's values for ${what}`, () => {
    const draw = OTHER[what];
    if (!draw) throw new Error(`the golden file has a case without a test: ${what}`);
    assert.equal(Float32Array.from(draw(new Generator(BigInt(seed)))), float32Of(tensors, tensor));
  });
}

initialization("fills all ten parameters of the reference model with PyTorch's bits", async () => {
  const generator = new Generator(BigInt(golden.model_seed));
  const weights = golden.model.filter(({ name }) => name.endsWith("weight"));
  const drawn = weights.flatMap(({ shape }) => drawLayer(generator, shape));
  assert.is(drawn.length, 10);
  for (const [i, { name, shape, sha256_f32le }] of golden.model.entries()) {
    const values = drawn[i] ?? new Float32Array(0);
    assert.is(
      values.length,
      shape.reduce((product, size) => product * size, 1),
      name,
    );
    assert.is(await sha256(values), sha256_f32le, name);
  }
  assert.is(generator.rand(1)[0], golden.model_next_rand);
});

initialization("gives PyTorch's gains", () => {
  // torch.nn.init.calculate_gain: 1, 5/3, sqrt(2), 3/4, sqrt(2 / (1 + 0.01²)) by default, sqrt(2 / (1 + 0.2²)).
  const ones: Nonlinearity[] = ["linear", "conv1d", "conv2d", "conv3d", "sigmoid"];
  for (const name of ones) assert.is(calculateGain(name), 1);
  assert.is(calculateGain("tanh"), 1.6666666666666667);
  assert.is(calculateGain("relu"), Math.SQRT2);
  assert.is(calculateGain("selu"), 0.75);
  assert.is(calculateGain("leaky_relu"), 1.4141428569978354);
  assert.is(calculateGain("leaky_relu", 0.2), 1.3867504905630728);
});

initialization("counts the connections of linear and convolution weights", () => {
  assert.equal(fanInAndFanOut([8, 6]), { fanIn: 6, fanOut: 8 });
  assert.equal(fanInAndFanOut([4, 3, 5, 7]), { fanIn: 105, fanOut: 140 });
});

initialization("bounds the bias of a layer without inputs by zero", () => {
  assert.is(biasBound(0), 0);
  assert.is(biasBound(784), 1 / 28);
});

initialization("refuses a vector as a weight", () => {
  assert.throws(
    () => fanInAndFanOut([5]),
    (error: unknown) => error instanceof ShapeError && /at least 2 dimensions, got \[5\]/.test(error.message),
  );
});

initialization("refuses an unknown nonlinearity, and names those it knows", () => {
  const name = "toString" as Nonlinearity;
  assert.throws(
    () => calculateGain(name),
    (error: unknown) => error instanceof RangeError && /tanh, .*leaky_relu, got toString/.test(error.message),
  );
});

initialization("refuses fans that count nothing and slopes that are not finite", () => {
  const refused = [
    () => kaimingStd(0),
    () => xavierStd(0, 0),
    () => kaimingBound(1.5),
    () => kaimingStd(3, "leaky_relu", NaN),
  ];
  for (const call of refused) assert.throws(call, (error: unknown) => error instanceof RangeError);
});

initialization.run();
