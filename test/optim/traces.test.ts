import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GraphError, ShapeError } from "../../src/core/errors.ts";
import { ones, tensor } from "../../src/create.ts";
import { Adam, type AdamOptions, SGD, type SGDOptions } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { readJson } from "../support/files.ts";
import { readTensors } from "../support/tensors.ts";

const traces = suite("optimizers like PyTorch's");
traces.before(useDevice);

interface GoldenCase {
  readonly name: string;
  readonly class: string;
  readonly args: Readonly<Record<string, number | boolean | [number, number]>>;
  readonly loss: { readonly f32: number[] };
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const golden = await readJson<{ cases: GoldenCase[] }>("test/golden/optim.json");
const stored = await readTensors("test/golden/optim.safetensors");

function floats(name: string): { data: Float32Array; shape: number[] } {
  const found = stored.get(name);
  if (!(found?.data instanceof Float32Array)) throw new Error(`no float32 ${name} in the golden file`);
  return { data: found.data, shape: found.shape };
}

/** Row `i` of a recorded trace [21, …]. */
function recorded(name: string, i: number): Float32Array {
  const { data, shape } = floats(name);
  const n = data.length / (shape[0] as number);
  return data.subarray(i * n, (i + 1) * n);
}

function make({ class: kind, args }: GoldenCase, params: Tensor[]): Adam | SGD {
  const options = Object.fromEntries(Object.entries(args).map(([name, value]) => [camel(name), value]));
  return kind === "Adam"
    ? new Adam(params, options as Partial<AdamOptions>)
    : new SGD(params, options as unknown as SGDOptions);
}

const parameter = (name: string): Tensor => {
  const { shape } = floats(name);
  return tensor(recorded(name, 0).slice(), { shape: shape.slice(1), requiresGrad: true });
};

/** 1e-6 relative (absolute below 1): PyTorch fuses multiply-adds, the kernels round after each. */
function close(found: ArrayLike<number>, expected: Float32Array, what: string): void {
  expected.forEach((value, i) => {
    const error = Math.abs((found[i] as number) - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= 1e-6, `${what}: element ${i} is ${found[i]}, expected ${value}`);
  });
}

const ours = golden.cases.filter(({ class: kind }) => kind === "Adam" || kind === "SGD");

traces("the golden file holds nine cases of Adam and SGD", () => {
  assert.is(ours.length, 9);
});

for (const each of ours) {
  traces(`${each.name}: 20 steps from the stored gradients`, async () => {
    const [w, b] = [parameter(`${each.name}/W.f32`), parameter(`${each.name}/b.f32`)];
    const optimizer = make(each, [w, b]);
    for (let step = 0; step < 20; step++) {
      optimizer.zeroGrad();
      for (const [leaf, name] of [
        [w, "gW"],
        [b, "gb"],
      ] as const)
        leaf.backward(tensor(recorded(`${each.name}/${name}.f32`, step).slice(), { shape: leaf.shape }));
      await optimizer.step();
      close(await w.data(), recorded(`${each.name}/W.f32`, step + 1), `step ${step + 1}, W`);
      close(await b.data(), recorded(`${each.name}/b.f32`, step + 1), `step ${step + 1}, b`);
    }
  });

  traces(`${each.name}: 20 steps of the problem itself`, async () => {
    const [x, y] = [floats("X"), floats("Y")];
    const [w, b] = [parameter(`${each.name}/W.f32`), parameter(`${each.name}/b.f32`)];
    const inputs = tensor(x.data, { shape: x.shape });
    const targets = tensor(y.data, { shape: y.shape });
    const optimizer = make(each, [w, b]);
    for (let step = 0; step < 20; step++) {
      const error = inputs.matmul(w.t()).add(b).tanh().sub(targets);
      const loss = error.mul(error).mean();
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
      // 2e-6: the forward pass sums in another order, and Adam turns tiny gradients into whole steps.
      assert.ok(Math.abs(Number(await loss.item()) - (each.loss.f32[step] as number)) <= 2e-6, `step ${step + 1}`);
    }
  });
}

traces("a state loaded into a new optimizer goes on with the same bits", async () => {
  const start = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
  const gradient = tensor(Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)));
  const step = async (leaf: Tensor, optimizer: Adam) => {
    optimizer.zeroGrad();
    leaf.backward(gradient);
    await optimizer.step();
  };
  const a = tensor(start, { requiresGrad: true });
  const first = new Adam([a], { lr: 0.01, amsgrad: true });
  for (let i = 0; i < 5; i++) await step(a, first);
  const b = tensor(Float32Array.from(await a.data()), { requiresGrad: true });
  const second = new Adam([b], { lr: 0.5, amsgrad: true });
  second.loadStateDict(await first.stateDict());
  assert.is(second.paramGroups[0]?.lr, 0.01);
  for (let i = 0; i < 3; i++) {
    await step(a, first);
    await step(b, second);
  }
  assert.equal(await b.data(), await a.data());
});

traces("a state that does not fit changes nothing", async () => {
  const leaf = ones([2], { requiresGrad: true });
  const optimizer = new Adam([leaf]);
  leaf.backward(ones(2));
  await optimizer.step();
  const before = await optimizer.stateDict();
  const wrong = { ...before, state: { 0: { step: 3, expAvg: { shape: [3], data: new Float32Array(3) } } } };
  assert.throws(
    () => optimizer.loadStateDict(wrong),
    (error: unknown) => error instanceof ShapeError && /expAvg.*\[3\].*\[2\]/.test(error.message),
  );
  assert.equal(await optimizer.stateDict(), before);
});

traces("parameter groups have options of their own, which can change between steps", async () => {
  const [a, b] = [ones([1], { requiresGrad: true }), ones([1], { requiresGrad: true })];
  const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1 });
  const step = async () => {
    optimizer.zeroGrad();
    a.backward(ones(1));
    b.backward(ones(1));
    await optimizer.step();
  };
  await step();
  assert.equal([await a.item(), await b.item()], [Math.fround(0.9), 0.5]);
  const [group] = optimizer.paramGroups;
  if (group) group.lr = 0;
  await step();
  assert.equal([await a.item(), await b.item()], [Math.fround(0.9), 0]);
});

traces("a parameter without a gradient stays as it is", async () => {
  const [a, b] = [ones([1], { requiresGrad: true }), ones([1], { requiresGrad: true })];
  const optimizer = new Adam([a, b]);
  a.backward(ones(1));
  await optimizer.step();
  assert.is(await b.item(), 1);
});

traces("refuses options out of range, with the name and the value", () => {
  const leaf = () => [ones([1], { requiresGrad: true })];
  assert.throws(() => new Adam(leaf(), { lr: -1 }), /Adam: lr must be at least 0, got -1/);
  assert.throws(() => new Adam(leaf(), { betas: [0.9, 1] }), /betas\[1\] must be in \[0, 1\), got 1/);
  assert.throws(() => new Adam(leaf(), { eps: NaN }), /eps must be at least 0, got NaN/);
  assert.throws(() => new SGD(leaf(), { lr: 0.1, nesterov: true }), /nesterov needs momentum/);
  assert.throws(() => new Adam([]), /empty parameter list/);
  const [same] = leaf() as [Tensor];
  assert.throws(() => new Adam([same, same]), /more than once/);
  assert.throws(
    () => new Adam([ones(1)]),
    (error: unknown) => error instanceof GraphError,
  );
});

traces.run();
