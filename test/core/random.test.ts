import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Generator } from "../../src/core/random.ts";
import { readJson } from "../support/files.ts";
import { scalarMath as math } from "../support/scalarMath.ts";
import { sha256 } from "../support/sha256.ts";
import { type Numbers, readTensors } from "../support/tensors.ts";

interface Case {
  seed: string;
  op: string;
  args: number[];
  next_rand: number;
  tensor?: string;
  sha256_i32le?: string;
}

const { cases } = await readJson<{ cases: Case[] }>("test/golden/rng.json");
const tensors = await readTensors("test/golden/rng.safetensors");
const random = suite("random");

type Draw = (generator: Generator, args: number[]) => Numbers;

const dropoutOfArange: Draw = (generator, [p = 0, n = 0]) =>
  generator.dropoutNoise(n, p).map((noise, i) => (i - 500) * noise);

const DRAWS: Record<string, Draw> = {
  rand: (generator, [n = 0]) => generator.rand(n),
  rand_f64: (generator, [n = 0]) => generator.rand64(n),
  randn: (generator, [n = 0]) => generator.normal(n, 0, 1, math),
  normal_: (generator, [mean = 0, std = 0, n = 0]) => generator.normal(n, mean, std, math),
  uniform_: (generator, [from = 0, to = 0, n = 0]) => generator.uniform(n, from, to),
  randint: (generator, [low = 0, high = 0, n = 0]) => generator.randint64(n, BigInt(low), BigInt(high)),
  random_int64: (generator, [n = 0]) => generator.random64(n),
  randperm: (generator, [n = 0]) => generator.randperm(n),
  bernoulli_: (generator, [p = 0, n = 0]) => generator.bernoulli(n, p),
  "bernoulli(tensor)": (generator, [p = 0, n = 0]) => generator.bernoulliOf(new Float32Array(n).fill(p)),
  dropout_of_arange_minus_500: dropoutOfArange,
  "mixed: randn3 rand2 randn3 randn20 randn1 randperm5": (generator) =>
    Float32Array.from([
      ...generator.normal(3, 0, 1, math),
      ...generator.rand(2),
      ...generator.normal(3, 0, 1, math),
      ...generator.normal(20, 0, 1, math),
      ...generator.normal(1, 0, 1, math),
      ...generator.randperm(5),
    ]),
};

/** Exact equality, -0 and 0 apart: the values are bits, not approximations. */
function assertSame(actual: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>): void {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Object.is(actual[i], expected[i]), `element ${i}: ${expected[i]} expected, got ${actual[i]}`);
}

function drawOf(op: string): Draw {
  const draw = DRAWS[op];
  if (!draw) throw new Error(`the golden file has an operation without a test: ${op}`);
  return draw;
}

for (const { seed, op, args, next_rand, tensor, sha256_i32le } of cases) {
  random(`draws PyTorch's ${op}(${args.join(", ")}) from seed ${seed}`, async () => {
    const generator = new Generator(BigInt(seed));
    const actual = drawOf(op)(generator, args);
    const expected = tensors.get(tensor ?? "")?.data;
    if (actual instanceof Int32Array && sha256_i32le) {
      assert.is(await sha256(Int32Array.from(actual)), sha256_i32le);
    } else if (expected instanceof BigInt64Array) {
      assertSame(Array.from(actual, BigInt), expected);
    } else if (expected) {
      assertSame(actual, expected);
    } else {
      assert.unreachable("the golden file has a case without values");
    }
    assertSame(generator.rand(1), [next_rand]);
  });
}

random("has a golden case for each of its draws", () => {
  assert.equal(new Set(cases.map(({ op }) => op)), new Set(Object.keys(DRAWS)));
});

random("gives randint's int32 values as PyTorch's int64 ones", () => {
  assertSame(
    Array.from(new Generator(0).randint(64, -7, 1000), BigInt),
    tensors.get("s0/randint/-7_1000_64")?.data ?? [],
  );
});

random("draws the whole int32 range from one word each", () => {
  const words = new Generator(3);
  const expected = Array.from({ length: 100 }, () => words.word() - 2 ** 31);
  assertSame(new Generator(3).randint(100, -(2 ** 31), 2 ** 31), expected);
});

random("starts from PyTorch's default seed", () => {
  assert.is(new Generator().initialSeed(), 67280421310721n);
  assertSame(new Generator().rand(5), new Generator(67280421310721n).rand(5));
});

random("counts negative seeds modulo 2^64", () => {
  assert.is(new Generator(-1).initialSeed(), 2n ** 64n - 1n);
  assertSame(new Generator(-1).rand(5), new Generator(2n ** 64n - 1n).rand(5));
});

random("takes the stream from the low 32 bits of a seed", () => {
  assertSame(new Generator(2 ** 32 + 5).rand(5), new Generator(5).rand(5));
});

random("gives the 10000th word that the C++ standard asks of mt19937", () => {
  const generator = new Generator(5489); // [rand.predef]: 4123659995
  for (let i = 1; i < 10000; i++) generator.word();
  assert.is(generator.word(), 4123659995);
});

random("puts the first word of a 64-bit integer into its high half", () => {
  const words = new Generator(7);
  const expected = BigInt(words.word()) * 2n ** 32n + BigInt(words.word());
  assert.is(new Generator(7).word64(), expected);
});

random("forgets the waiting normal value when it is seeded again", () => {
  const generator = new Generator(0);
  generator.normal(1, 0, 1, math);
  assertSame(generator.manualSeed(0).normal(5, 0, 1, math), tensors.get("s0/randn/5")?.data ?? []);
});

random("repeats every draw from a saved state, the waiting normal value included", () => {
  const generator = new Generator(11);
  generator.rand(700);
  generator.normal(3, 0, 1, math);
  const state = structuredClone(generator.getState());
  const expected = [...generator.normal(4, 0, 1, math), ...generator.rand(1000)];
  const other = new Generator().setState(state);
  generator.setState(state);
  for (const restored of [generator, other]) {
    assert.is(restored.initialSeed(), 11n);
    assertSame([...restored.normal(4, 0, 1, math), ...restored.rand(1000)], expected);
  }
});

random("leaves a saved state alone while it draws on", () => {
  const generator = new Generator(1);
  generator.rand(1);
  const state = generator.getState();
  const before = structuredClone(state);
  generator.rand(2000);
  assert.equal(state, before);
});

random("draws nothing for dropout of probability 0 and 1", () => {
  const generator = new Generator(0);
  assertSame(generator.dropoutNoise(3, 0), [1, 1, 1]);
  assertSame(generator.dropoutNoise(3, 1), [0, 0, 0]);
  assertSame(generator.rand(1), new Generator(0).rand(1));
});

random("scales what dropout keeps by a quotient of float32 numbers", () => {
  // float32(1) / float32(0.85); the float32 nearest to 1 / 0.85 is 1.1764706373214722.
  const kept = new Generator(0).dropoutNoise(100, 0.15).filter((noise) => noise !== 0);
  assert.equal(new Set(kept), new Set([1.1764705181121826]));
});

random("takes the probabilities of bernoulliOf element by element", () => {
  const p = Float32Array.of(0, 1, 0.25, 0.75, 0, 1);
  const units = new Generator(9).rand(6);
  assertSame(
    new Generator(9).bernoulliOf(p),
    units.map((u, i) => (u < (p[i] ?? 0) ? 1 : 0)),
  );
});

random("draws nothing for zero elements", () => {
  const generator = new Generator(0);
  const draws = [
    generator.rand(0),
    generator.normal(0, 0, 1, math),
    generator.randperm(0),
    generator.bernoulli(0, 0.5),
  ];
  assert.ok(draws.every((draw) => draw.length === 0));
  assertSame(generator.rand(1), new Generator(0).rand(1));
});

const REFUSED: Record<string, [RegExp, (generator: Generator) => unknown]> = {
  "a seed with a fraction": [/manualSeed: a seed must be an integer.*got 0.5/, (g) => g.manualSeed(0.5)],
  "a number seed that is not exact": [/bigint from 2\^53 on/, (g) => g.manualSeed(2 ** 53)],
  "a seed beyond 64 bits": [/in \[-2\^63, 2\^64\)/, (g) => g.manualSeed(2n ** 64n)],
  "a negative number of elements": [/rand: .*got -1/, (g) => g.rand(-1)],
  "a fractional number of elements": [/randperm: .*got 1.5/, (g) => g.randperm(1.5)],
  "bounds in the wrong order": [/uniform: from must not exceed to/, (g) => g.uniform(1, 1, 0)],
  "a bound that is not finite": [/uniform: .*finite in float32/, (g) => g.uniform(1, 0, Number.POSITIVE_INFINITY)],
  "a negative standard deviation": [/normal: std must not be negative, got -1/, (g) => g.normal(1, 0, -1, math)],
  "an empty range": [/randint: low must be less than high/, (g) => g.randint(1, 3, 3)],
  "a fractional range": [/randint: low and high must be integers/, (g) => g.randint(1, 0, 0.5)],
  "a range beyond int32": [/randint: .*-2147483648, 2147483648/, (g) => g.randint(1, 0, 2 ** 31 + 1)],
  "an empty 64-bit range": [/randint64: low must be less than high/, (g) => g.randint64(1, 3n, 3n)],
  "a permutation beyond PyTorch's algorithm": [/randperm: .*214748363/, (g) => g.randperm(214748364)],
  "a probability above 1": [/bernoulli: p must be in \[0, 1\], got 1.1/, (g) => g.bernoulli(1, 1.1)],
  "a probability that is NaN": [/bernoulli: p must be in/, (g) => g.bernoulliOf(Float32Array.of(Number.NaN))],
  "a negative dropout probability": [/dropout: p must be in \[0, 1\], got -0.1/, (g) => g.dropoutNoise(1, -0.1)],
  "a state of another size": [
    /setState: expected 624 words, got 3/,
    (g) => g.setState({ ...g.getState(), words: new Uint32Array(3) }),
  ],
  "a state beyond its words": [/setState: position must be/, (g) => g.setState({ ...g.getState(), position: 625 })],
};

for (const [what, [message, draw]] of Object.entries(REFUSED)) {
  random(`refuses ${what} and draws nothing`, () => {
    const generator = new Generator(0);
    assert.throws(
      () => draw(generator),
      (error: unknown) => error instanceof RangeError && message.test(error.message),
    );
    assert.equal(generator.getState(), new Generator(0).getState());
  });
}

random.run();
