import { suite } from "uvu";
import * as assert from "uvu/assert";
import { manualSeed } from "../../src/core/random/state.ts";
import { ones, tensor } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import * as nn from "../../src/nn/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { keepMask } from "../support/philox.ts";

const masks = suite("dropout masks");
masks.before(useDevice);

const ROWS = 16;
const COLUMNS = 48;
const N = ROWS * COLUMNS;
const STEPS = 1000;

/** A fused Linear, ReLU and Dropout whose outputs before dropout are all 1. */
function block(p: number): (x: Tensor) => Tensor {
  const layer = new nn.Linear(2, COLUMNS);
  nn.init.constant_(layer.weight, 0.5);
  if (layer.bias) nn.init.zeros_(layer.bias);
  return new nn.Sequential(layer, new nn.ReLU(), new nn.Dropout(p));
}

/** Masks of consecutive calls: 1 where kept, 0 where dropped. */
async function draw(p: number, steps: number, seed: number): Promise<Uint8Array[]> {
  const model = block(p);
  const x = ones(ROWS, 2);
  const scale = Math.fround(1 / Math.fround(1 - p));
  manualSeed(seed);
  const found: Uint8Array[] = [];
  for (let step = 0; step < steps; step++) {
    const y = await model(x).data();
    const other = y.find((value) => value !== 0 && value !== scale);
    assert.is(other, undefined, `step ${step}: every y/x is 0 or ${scale}`);
    found.push(Uint8Array.from(y, (value) => Number(value !== 0)));
  }
  return found;
}

const kept = (mask: Uint8Array): number => mask.reduce((n, bit) => n + bit, 0);

/** Pearson's correlation of two masks. */
function correlation(a: Uint8Array, b: Uint8Array): number {
  const n = a.length;
  const [meanA, meanB] = [kept(a) / n, kept(b) / n];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ((a[i] as number) - meanA) * ((b[i] as number) - meanB);
  return sum / n / Math.sqrt(meanA * (1 - meanA) * meanB * (1 - meanB));
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

for (const p of [0.5, 0.2])
  masks(`p ${p}: over 1,000 steps kept counts have the binomial mean and variance`, async () => {
    const counts = (await draw(p, STEPS, 3)).map(kept);
    const mean = counts.reduce((sum, count) => sum + count, 0) / STEPS;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (STEPS - 1);
    // Five standard deviations of the mean of 1,000 counts.
    assert.ok(Math.abs(mean - N * (1 - p)) <= 5 * Math.sqrt((N * p * (1 - p)) / STEPS), `mean ${mean}`);
    // 15 %: the variance of 1,000 counts has a standard deviation of 4.5 %.
    assert.ok(Math.abs(variance / (N * p * (1 - p)) - 1) <= 0.15, `variance ${variance}`);
  });

masks("steps, layers and neighbouring seeds are uncorrelated", async () => {
  const one = await draw(0.5, 400, 10);
  const next = await draw(0.5, 400, 11);
  const bound = 5 / Math.sqrt(N * 398);
  for (const lag of [1, 2]) {
    const pair = correlation(joined(one.slice(0, 398)), joined(one.slice(lag, lag + 398)));
    assert.ok(Math.abs(pair) <= bound, `lag ${lag}: ${pair}`);
  }
  const seeds = correlation(joined(one.slice(0, 398)), joined(next.slice(0, 398)));
  assert.ok(Math.abs(seeds) <= bound, `seeds: ${seeds}`);
  // Two layers of one step are two calls in a row, as lag 1 above; here through a model of two blocks.
  const [a, b] = [block(0.5), block(0.5)];
  manualSeed(4);
  const [left, right]: Uint8Array[][] = [[], []];
  for (let step = 0; step < 200; step++)
    for (const [model, list] of [
      [a, left],
      [b, right],
    ] as const)
      list?.push(Uint8Array.from(await model(ones(ROWS, 2)).data(), (value) => Number(value !== 0)));
  const layers = correlation(joined(left ?? []), joined(right ?? []));
  assert.ok(Math.abs(layers) <= 5 / Math.sqrt(N * 200), `layers: ${layers}`);
});

masks("call number k under seed s keeps what Philox says for (s, k), at every size", async () => {
  manualSeed(20240);
  for (const [call, n] of [1, 3, 4, 5, 31, 32, 33, 65, 1000].entries()) {
    const y = await F.dropout(ones(n), 0.3).data();
    assert.equal(
      Uint8Array.from(y, (value) => Number(value !== 0)),
      keepMask(20240n, BigInt(call), 0.3, n),
      `n ${n}`,
    );
  }
  manualSeed(-1);
  const y = await F.dropout(ones(100), 0.5).data();
  assert.equal(
    Uint8Array.from(y, (value) => Number(value !== 0)),
    keepMask(2n ** 64n - 1n, 0n, 0.5, 100),
  );
});

masks("a million elements keep what Philox says", async () => {
  manualSeed(1);
  const y = await F.dropout(ones(1_000_000), 0.5).data();
  assert.equal(
    Uint8Array.from(y, (value) => Number(value !== 0)),
    keepMask(1n, 0n, 0.5, 1_000_000),
  );
});

masks("backward drops what forward dropped, with and without ReLU", async () => {
  for (const parts of [[new nn.ReLU()], []]) {
    const layer = new nn.Linear(5, 33);
    const model = new nn.Sequential(layer, ...parts, new nn.Dropout(0.4));
    const x = tensor(
      Float32Array.from({ length: 35 }, (_, i) => Math.sin(i) + 1.5),
      { shape: [7, 5] },
    );
    nn.init.constant_(layer.weight, 0.3);
    const y = model(x);
    y.sum().backward();
    const data = await y.data();
    const scale = Math.fround(1 / Math.fround(0.6));
    const expected = Array.from({ length: 33 }, (_, j) => {
      let count = 0;
      for (let i = 0; i < 7; i++) if (data[i * 33 + j] !== 0) count++;
      return count * scale;
    });
    const gradient = await layer.bias?.grad?.data();
    // 1e-5: a float32 sum of up to seven scales.
    expected.forEach((value, j) => {
      assert.ok(Math.abs((gradient?.[j] ?? NaN) - value) <= 1e-5, `bias ${j}`);
    });
  }
});

masks(
  "p 0 and evaluation give the input itself, p 1 gives x times 0, and none of them fails in torch's masks",
  async () => {
    const x = tensor([-1, 2, NaN]);
    for (const dropout of ["philox", "torch"] as const) {
      manualSeed(0, { dropout });
      assert.is(F.dropout(x, 0), x);
      assert.is(F.dropout(x, 0.5, false), x);
      assert.is(new nn.Dropout(0.5).eval()(x), x);
      const [a, b, c] = await F.dropout(x, 1).data();
      assert.ok(Object.is(a, -0) && Object.is(b, 0) && Number.isNaN(c), dropout);
    }
    manualSeed(0);
  },
);

masks("dropping outside [0, 1] is refused with the value", () => {
  for (const p of [-0.1, 1.1, NaN]) {
    assert.throws(() => new nn.Dropout(p), new RegExp(`p must be in \\[0, 1\\], got ${p}`));
    assert.throws(
      () => F.dropout(ones(2), p),
      (error: unknown) => error instanceof RangeError,
    );
  }
});

masks.run();
