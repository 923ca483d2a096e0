import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DTypeError, GraphError, StaleTensorError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { noGrad } from "../../src/autograd.ts";
import { ones, tensor, zeros } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import { SGD } from "../../src/optim/index.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { readJson } from "../support/files.ts";

const autograd = suite("autograd");
autograd.before(useDevice);

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const list = async (found: Tensor | null | undefined): Promise<number[] | undefined> =>
  found ? Array.from(await found.data()) : undefined;

autograd("gradients of two backwards add up until zeroed", async () => {
  const x = leaf(1, 2);
  x.mul(3).sum().backward();
  x.mul(4).sum().backward();
  assert.equal(await list(x.grad), [7, 7]);
  x.grad = null;
  x.mul(5).sum().backward();
  assert.equal(await list(x.grad), [5, 5]);
});

autograd("a tensor used twice gets both gradients, also through a diamond", async () => {
  const x = leaf(3);
  const y = x.mul(x);
  y.add(y.mul(2)).add(x).sum().backward();
  assert.equal(await list(x.grad), [19]);
});

autograd("a second backward through one graph throws GraphError that names retainGraph", async () => {
  const x = leaf(2);
  const y = x.mul(x).sum();
  y.backward();
  assert.throws(
    () => y.backward(),
    (error: unknown) => error instanceof GraphError && /retainGraph/.test(error.message),
  );
  assert.equal(await list(x.grad), [4]);
});

autograd("with retainGraph the graph can be used again", async () => {
  const x = leaf(2);
  const y = x.mul(x).sum();
  y.backward({ retainGraph: true });
  y.backward();
  assert.equal(await list(x.grad), [8]);
});

autograd("a root of several elements needs a gradient of its shape", async () => {
  const x = leaf(1, 2);
  assert.throws(
    () => x.mul(2).backward(),
    (error: unknown) => error instanceof GraphError && /one element/.test(error.message),
  );
  assert.throws(() => x.mul(2).backward(ones(3)), /\[3\].*\[2\]/);
  x.mul(2).backward(tensor([10, 100]));
  assert.equal(await list(x.grad), [20, 200]);
});

autograd("a tensor without a graph has no backward", () => {
  assert.throws(
    () => ones(1).backward(),
    (error: unknown) => error instanceof GraphError,
  );
  const x = leaf(1);
  const y = noGrad(() => x.mul(2));
  assert.not.ok(y.requiresGrad);
  assert.throws(
    () => y.backward(),
    (error: unknown) => error instanceof GraphError && /noGrad/.test(error.message),
  );
});

autograd("noGrad returns the value, nests, and gives the flag back after an exception", () => {
  const x = leaf(1);
  assert.is(
    noGrad(() => 7),
    7,
  );
  assert.throws(
    () =>
      noGrad(() => {
        throw new RangeError("stop");
      }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.ok(x.mul(2).requiresGrad);
  noGrad(() => {
    noGrad(() => undefined);
    assert.not.ok(x.mul(2).requiresGrad);
  });
});

autograd("noGrad refuses a promise, since the flag would leak into other tasks", () => {
  assert.throws(
    () => noGrad(async () => 1),
    (error: unknown) => error instanceof TypeError && /synchronous/.test(error.message),
  );
  assert.ok(leaf(1).mul(2).requiresGrad);
});

autograd("detach cuts the graph and shares the elements", async () => {
  const x = leaf(2);
  const y = x.mul(3);
  y.detach().mul(x).sum().backward();
  assert.equal(await list(x.grad), [6]);
});

autograd("a parameter changed in place between forward and backward is noticed", async () => {
  const layer = new nn.Linear(2, 2);
  const x = tensor([[1, 2]], { requiresGrad: true });
  const y = layer(x).sum();
  layer.loadStateDict(await readState(new nn.Linear(2, 2)));
  assert.throws(
    () => y.backward(),
    (error: unknown) => error instanceof GraphError && /in place/.test(error.message),
  );
  assert.is(layer.weight.grad, null);
});

autograd("an open graph through an optimizer's leaf is retired by its step", async () => {
  const layer = new nn.Linear(2, 1);
  const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
  const waiting = layer(ones(1, 2)).sum();
  layer(ones(1, 2)).sum().backward();
  await optimizer.step();
  assert.throws(
    () => waiting.backward(),
    (error: unknown) => error instanceof GraphError,
  );
});

autograd("only float32 leaves can require gradients", () => {
  assert.throws(
    () => tensor([1], { dtype: "int32", requiresGrad: true }),
    (error: unknown) => error instanceof DTypeError,
  );
  const y = leaf(1).mul(2);
  assert.throws(
    () => {
      y.requiresGrad = false;
    },
    (error: unknown) => error instanceof GraphError,
  );
});

autograd("gradients through a transposed leaf lie in the leaf's own order", async () => {
  const w = tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { requiresGrad: true },
  );
  w.t()
    .mul(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    )
    .sum()
    .backward();
  assert.equal(await list(w.grad), [1, 3, 5, 2, 4, 6]);
  assert.equal(await w.grad?.toArray(), [
    [1, 3, 5],
    [2, 4, 6],
  ]);
});

/** A model that stashes what it makes inside. */
class Stashing extends nn.Module {
  readonly layer = new nn.Linear(200, 200);
  stash: Tensor | undefined;
  small: Tensor | undefined;
  keeps: boolean;
  constructor(keeps: boolean) {
    super();
    this.keeps = keeps;
  }
  forward(x: Tensor) {
    const inside = this.layer(x);
    this.stash = this.keeps ? inside.keep() : inside;
    this.small = inside.sum(0);
    return inside.relu();
  }
}

autograd("what a module made inside and did not return is stale after backward, unless kept", async () => {
  for (const keeps of [false, true]) {
    const model = new Stashing(keeps);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const output = model(ones(200, 200));
    output.sum().backward();
    await optimizer.step();
    if (keeps) assert.is((await model.stash?.data())?.length, 40000);
    else
      await model.stash?.data().then(
        () => assert.unreachable("the stash was read"),
        (error: unknown) => assert.ok(error instanceof StaleTensorError && /keep\(\)/.test(error.message)),
      );
    model.stash?.dispose();
  }
});

autograd("views share elements with what they view", async () => {
  const w = new nn.Parameter(zeros(2, 3));
  const [flat, turned] = [w.detach().reshape(6), w.detach().t()];
  nn.init.constant_(w, 3);
  assert.equal(await list(flat), [3, 3, 3, 3, 3, 3]);
  assert.equal(await turned.toArray(), [
    [3, 3],
    [3, 3],
    [3, 3],
  ]);
});

autograd("the notebook's dropout demonstration prints PyTorch's text", async () => {
  const { cases } = await readJson<{ cases: { name: string; text: string }[] }>("test/golden/print.json");
  const text = (name: string) => cases.find((each) => each.name === name)?.text;
  manualSeed(0, { dropout: "torch" });
  const a = randn(5, 3);
  const b = new nn.Linear(3, 4)(a);
  const c = new nn.Dropout(0.5)(b);
  assert.is(await a.format(), text("notebook_a"));
  assert.is(await b.format(), text("notebook_b"));
  assert.is(await c.format(), text("notebook_c"));
  manualSeed(0);
});

autograd.run();
