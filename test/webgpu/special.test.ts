import { suite } from "uvu";
import * as assert from "uvu/assert";
import { manualSeed } from "../../src/core/random/state.ts";
import { tensor } from "../../src/create.ts";
import * as F from "../../src/functional.ts";
import { init } from "../../src/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { SPECIALS, same } from "../support/elementwise.ts";
import { pairs } from "./cases/case.ts";

const special = suite("special values");

special.before(async () => {
  await init({ device: "cpu" });
  await init({ device: "webgpu" });
});

type Device = "cpu" | "webgpu";
const LEAST_NORMAL = 2 ** -126;
/** NaN, infinities, both zeros and ordinary numbers; what becomes of subnormals is told at the end. */
const VALUES = SPECIALS.filter((value) => value === 0 || !(Math.abs(value) < LEAST_NORMAL));

/** The same computation on both devices must give the same elements, signs of zero included. */
async function agree(what: string, compute: (device: Device) => Tensor | readonly Tensor[]): Promise<void> {
  const on = async (device: Device) => {
    manualSeed(5);
    const results = [compute(device)].flat();
    return Promise.all(results.map((result) => result.data()));
  };
  const [expected, found] = [await on("cpu"), await on("webgpu")];
  found.forEach((data, k) => {
    same(data, expected[k] ?? [], `${what}, result ${k}`);
  });
}

/** Results and gradients of an operation on one tensor. */
const withGradient =
  (op: (x: Tensor) => Tensor, values: Float32Array<ArrayBuffer> = VALUES) =>
  (device: Device): readonly Tensor[] => {
    const x = tensor(values, { device, requiresGrad: true });
    const y = op(x);
    y.sum().backward();
    return [y, x.grad as Tensor];
  };

const UNARY: readonly [name: string, op: (x: Tensor) => Tensor][] = [
  ["neg", (x) => x.neg()],
  ["relu", (x) => x.relu()],
  ["exp", (x) => x.exp()],
  ["log", (x) => x.log()],
  ["sqrt", (x) => x.sqrt()],
  ["sigmoid", (x) => x.sigmoid()],
  ["tanh", (x) => x.tanh()],
  ["dropout", (x) => F.dropout(x, 0.5)],
];

/** Without the largest: its reciprocal, the gradient of log, is subnormal. */
const MODERATE = VALUES.filter((value) => !(Math.abs(value) > 1e38 && Math.abs(value) < Infinity));

for (const [name, op] of UNARY)
  special(`${name} and its gradient take them as on the CPU`, () =>
    agree(name, withGradient(op, name === "log" ? MODERATE : VALUES)),
  );

const BINARY: readonly [name: string, op: (a: Tensor, b: Tensor) => Tensor][] = [
  ["add", (a, b) => a.add(b)],
  ["sub", (a, b) => a.sub(b)],
  ["mul", (a, b) => a.mul(b)],
  ["div", (a, b) => a.div(b)],
  ["eq", (a, b) => a.eq(b)],
  ["ne", (a, b) => a.ne(b)],
  ["lt", (a, b) => a.lt(b)],
  ["le", (a, b) => a.le(b)],
  ["gt", (a, b) => a.gt(b)],
  ["ge", (a, b) => a.ge(b)],
];

/** Neither the largest nor the smallest: their quotients and products are subnormal. */
const [LEFT, RIGHT] = pairs(MODERATE.filter((value) => value === 0 || !(Math.abs(value) < 1e-30)));

for (const [name, op] of BINARY)
  special(`${name} takes every pair of them as on the CPU`, () =>
    agree(name, (device) => op(tensor(LEFT, { device }), tensor(RIGHT, { device }))),
  );

special("argmax takes the first NaN, else the first of the largest, and -0 for 0", async () => {
  const rows = tensor(
    [
      [1, NaN, 3, NaN],
      [Infinity, 1, Infinity, 0],
      [-Infinity, -Infinity, -Infinity, -Infinity],
      [-0, 0, -0, 0],
      [-1, -0, 0, -2],
    ],
    { device: "webgpu" },
  );
  assert.equal(Array.from(await rows.argmax(1).data()), [1, 0, 0, 0, 1]);
});

const ROWS = [
  [1, NaN, 3],
  [1, Infinity, 3],
  [1, -Infinity, 3],
  [-Infinity, -Infinity, -Infinity],
  [3e38, -3e38, 0],
  [-0, 0, -0],
];

special("softmax makes a row with NaN or inf NaN, and leaves the others alone", async () => {
  await agree("softmax", (device) => F.softmax(tensor(ROWS, { device }), 1));
  const y = await F.softmax(tensor(ROWS, { device: "webgpu" }), 1).data();
  assert.equal(
    Array.from({ length: 6 }, (_, row) => y.subarray(3 * row, 3 * row + 3).every(Number.isNaN)),
    [true, true, false, true, false, false],
  );
});

special("softmax down columns takes them as along rows", () =>
  agree("softmax", (device) => F.softmax(tensor(ROWS, { device }).t(), 0)),
);

special("crossEntropy of each such row is the CPU's", () =>
  agree("crossEntropy", (device) => {
    const x = tensor(ROWS, { device, requiresGrad: true });
    const target = tensor([0, 1, 2, 0, 1, 2], { dtype: "int32", device });
    const losses = F.crossEntropy(x, target, { reduction: "none" });
    losses.sum().backward();
    return [losses, x.grad as Tensor];
  }),
);

special("crossEntropy of batches with no label that counts is NaN for the mean and 0 for the sum", async () => {
  for (const [reduction, expected] of [
    ["mean", NaN],
    ["sum", 0],
  ] as const) {
    const x = tensor([[1, 2, 3]], { device: "webgpu" });
    const target = tensor([-100], { dtype: "int32", device: "webgpu" });
    assert.ok(Object.is(await F.crossEntropy(x, target, { reduction }).item(), expected), reduction);
  }
});

special("a sum with NaN or infinities of one sign is what the CPU says, long rows and short", async () => {
  for (const n of [3, 1000])
    for (const value of [NaN, Infinity, -Infinity])
      await agree(`sum of ${n} with ${value}`, (device) => {
        const x = new Float32Array(n).fill(0.5);
        x[n - 2] = value;
        return [tensor(x, { device }).sum(), tensor(x, { device }).mean()];
      });
});

special("a product with NaN or an infinity shows in its row and column alone", () =>
  agree("matmul", (device) => {
    const a = new Float32Array(9 * 5).fill(1);
    const b = new Float32Array(5 * 9).fill(1);
    a[7] = NaN;
    b[12] = Infinity;
    return tensor(a, { shape: [9, 5], device }).matmul(tensor(b, { shape: [5, 9], device }));
  }),
);

special("a layer with ReLU keeps NaN", async () => {
  const x = tensor([[NaN, 1]], { device: "webgpu" });
  const w = tensor([[1, 1]], { device: "webgpu" });
  assert.ok(Number.isNaN(await F.linear(x, w).relu().item()));
});

special("copies, reshapes and transposes keep the bits of subnormals", () =>
  agree("copies", (device) => {
    const x = tensor(SPECIALS.slice(0, 16), { shape: [4, 4], device });
    return [x.t().clone(), x.reshape([2, 8]).t().flatten(), x.relu(), x.neg()];
  }),
);

// What may differ: arithmetic with subnormals. Lavapipe keeps them, SwiftShader takes them for zeros of their sign.
special("arithmetic takes a subnormal for itself or for a zero of its sign, nothing else", async () => {
  const tiny = SPECIALS.filter((value) => value !== 0 && Math.abs(value) < LEAST_NORMAL);
  assert.is(tiny.length, 4);
  const found = await tensor(tiny, { device: "webgpu" }).mul(1).data();
  found.forEach((value, i) => {
    const itself = tiny[i] as number;
    assert.ok(Object.is(value, itself) || Object.is(value, itself * 0), `${itself} times 1 is ${value}`);
  });
});

special("infinities of both signs add up to NaN, in rows of every length and as a mean", async () => {
  for (const n of [3, 64, 1000]) {
    const x = new Float32Array(n).fill(1);
    x[0] = Infinity;
    x[n - 1] = -Infinity;
    const on = tensor(x, { device: "webgpu" });
    assert.equal([await on.sum().item(), await on.mean().item()], [NaN, NaN], `n ${n}`);
  }
});

special.run();
