import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ShapeError, TorchletError } from "../../src/core/errors.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { ones, tensor } from "../../src/create.ts";
import { randn } from "../../src/createRandom.ts";
import * as nn from "../../src/nn/index.ts";
import { readState } from "../../src/nn/state.ts";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";

const modules = suite("modules");
modules.before(useDevice);

class Two extends nn.Module {
  first;
  second;
  constructor() {
    super();
    this.first = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Dropout(0.5));
    this.second = new nn.Linear(4, 2, { bias: false });
  }
  forward(x: Tensor) {
    return this.second(this.first(x));
  }
}

modules("a module is called like a function and calls forward", () => {
  const layer = new nn.Linear(3, 4);
  assert.type(layer, "function");
  assert.instance(layer, nn.Linear);
  assert.instance(layer, nn.Module);
  assert.equal(layer(ones(5, 3)).shape, [5, 4]);
  assert.equal(layer.forward(ones(5, 3)).shape, [5, 4]);
});

modules("fields called name and length are ordinary fields", () => {
  class Named extends nn.Module {
    override name = "own";
    override length = 7;
    forward(x: Tensor) {
      return x;
    }
  }
  const named = new Named();
  assert.is(named.name, "own");
  assert.is(named.length, 7);
});

modules("parameters carry the dotted names and shapes of PyTorch, in order", () => {
  const found = Array.from(new Two().namedParameters(), ([name, { shape }]) => [name, ...shape]);
  assert.equal(found, [
    ["first.0.weight", 4, 3],
    ["first.0.bias", 4],
    ["second.weight", 2, 4],
  ]);
});

modules("a parameter used twice is listed once but saved under each name", () => {
  const layer = new nn.Linear(2, 2);
  const twice = new nn.Sequential(layer, layer);
  assert.is(twice.parameters().length, 2);
  assert.equal([...twice.stateDict().keys()], ["0.weight", "0.bias", "1.weight", "1.bias"]);
});

modules("train and eval reach every module below", () => {
  const model = new Two();
  assert.ok(model.modules().every((module) => module.training));
  assert.is(model.eval(), model);
  assert.not.ok(model.modules().some((module) => module.training));
  model.train();
  assert.ok(model.modules().every((module) => module.training));
});

modules("prints the tree that PyTorch prints", () => {
  const expected = `Two(
  (first): Sequential(
    (0): Linear(in_features=3, out_features=4, bias=True)
    (1): ReLU()
    (2): Dropout(p=0.5, inplace=False)
  )
  (second): Linear(in_features=4, out_features=2, bias=False)
)`;
  assert.is(String(new Two()), expected);
});

modules("loading a state lists every difference in one error and changes nothing", async () => {
  const model = new Two();
  const before = await readState(model);
  const state = new Map(await readState(new Two()));
  state.delete("first.0.bias");
  state.set("second.weight", { dtype: "float32", shape: [4, 2], data: new Float32Array(8) });
  state.set("extra", { dtype: "float32", shape: [1], data: new Float32Array(1) });
  assert.throws(
    () => model.loadStateDict(state),
    (error: unknown) =>
      error instanceof ShapeError &&
      /unexpected extra/.test(error.message) &&
      /missing first\.0\.bias/.test(error.message) &&
      /second\.weight is \[4, 2\], expected \[2, 4\]/.test(error.message),
  );
  assert.equal(await readState(model), before);
});

modules("loading refuses an array that does not fill its shape, and changes nothing", async () => {
  const layer = new nn.Linear(2, 2, { bias: false });
  const before = await readState(layer);
  for (const n of [3, 5])
    assert.throws(
      () => layer.loadStateDict({ weight: { shape: [2, 2], data: new Float32Array(n) } }),
      (error: unknown) =>
        error instanceof ShapeError && error.message.includes(`weight holds ${n} elements, expected 4`),
    );
  assert.equal(await readState(layer), before);
});

modules("a loaded state gives the outputs of the model it came from", async () => {
  const [a, b] = [new Two().eval(), new Two().eval()];
  const x = randn(6, 3);
  b.loadStateDict(await readState(a));
  assert.equal(await b(x).data(), await a(x).data());
  const c = new Two().eval();
  c.loadStateDict(a.stateDict());
  assert.equal(await c(x).data(), await a(x).data());
});

modules("a subclass of a built-in module is called, not merged away", async () => {
  class Doubled extends nn.ReLU {
    override forward(x: Tensor) {
      return super.forward(x).mul(2);
    }
  }
  const layer = new nn.Linear(3, 3);
  const plain = new nn.Sequential(layer, new nn.ReLU());
  const doubled = new nn.Sequential(layer, new Doubled());
  const x = randn(4, 3);
  const once = await plain(x).data();
  assert.equal(
    await doubled(x).data(),
    once.map((value) => 2 * value),
  );
});

modules("a Sequential calls the modules that it has when it is called, not those it had before", async () => {
  class Scale extends nn.Module {
    readonly by: number;
    constructor(by: number) {
      super();
      this.by = by;
    }
    forward(x: Tensor) {
      return x.mul(this.by);
    }
  }
  const model = new nn.Sequential(new Scale(2), new Scale(3));
  const changed = model as unknown as Record<string, Scale>;
  const result = () => model(ones(1)).item();
  assert.is(await result(), 6);
  changed[0] = new Scale(5);
  assert.is(await result(), 15);
  changed[2] = new Scale(7);
  assert.is(await result(), 105);
  delete changed[1];
  assert.is(await result(), 35);
  model.children().pop(); // a list of the caller's own
  assert.is(await result(), 35);
  (model as unknown as { named: Scale }).named = new Scale(2);
  assert.is(await model.train()(ones(1)).item(), 70);
  class Longer extends nn.Sequential {
    readonly last = new Scale(11);
  }
  const longer = new Longer(new Scale(2));
  for (let i = 0; i < 2; i++) assert.is(await longer(ones(1)).item(), 22);
  const empty = new nn.Sequential();
  assert.is(await empty(ones(1)).item(), 1);
  (empty as unknown as Record<string, Scale>)[0] = new Scale(4);
  assert.is(await empty(ones(1)).item(), 4);
});

modules("a fused block gives the bits of its parts: forward, masks and gradients", async () => {
  for (const [rows, ins, outs] of [
    [1, 1, 1],
    [3, 5, 7],
    [5, 65, 17],
    [16, 33, 32],
    [2, 1100, 20],
  ] as const)
    for (const [relu, p] of [
      [true, 0.5],
      [true, 0.3],
      [false, 0.25],
      [true, 0],
    ] as const) {
      const layer = new nn.Linear(ins, outs);
      const parts = [layer, ...(relu ? [new nn.ReLU()] : []), new nn.Dropout(p)];
      const x = randn([rows, ins], { requiresGrad: true });
      const run = async (model: (x: Tensor) => Tensor) => {
        manualSeed(77);
        x.grad = null;
        layer.zeroGrad();
        const y = model(x);
        y.mul(y).sum().backward();
        const gradients = [x.grad, layer.weight.grad, layer.bias?.grad].map((grad) => grad?.data());
        return Promise.all([y.data(), ...gradients]);
      };
      const fused = await run(new nn.Sequential(...parts));
      const apart = await run((input) => parts.reduce((out: Tensor, part) => part(out), input));
      assert.equal(fused, apart, `${rows} x ${ins} -> ${outs}, relu ${relu}, p ${p}`);
    }
});

modules("Dropout's p may be set between two calls, fused or not, but not to what is no probability", async () => {
  const dropout = new nn.Dropout(0.5);
  const layer = new nn.Linear(3, 4);
  const fused = new nn.Sequential(layer, dropout);
  dropout.p = 0;
  assert.equal(await dropout(ones(100)).data(), new Float32Array(100).fill(1));
  const x = ones(50, 3);
  assert.equal(await fused(x).data(), await layer(x).data());
  dropout.p = 1;
  assert.equal(await dropout(ones(100)).data(), new Float32Array(100));
  assert.ok((await fused(x).data()).every((value) => Math.abs(Number(value)) === 0)); // a dropped negative is -0
  for (const wrong of [-0.1, 1.1, Number.NaN])
    assert.throws(
      () => {
        dropout.p = wrong;
      },
      (error: unknown) => error instanceof RangeError && /Dropout: p must be in \[0, 1\]/.test(error.message),
    );
  assert.is(dropout.p, 1);
  assert.is(String(dropout), "Dropout(p=1, inplace=False)");
});

modules("forward must be synchronous", () => {
  class Late extends nn.Module {
    async forward(x: Tensor) {
      return x;
    }
  }
  assert.throws(
    () => new Late()(ones(1)),
    (error: unknown) => error instanceof TorchletError && /synchronous/.test(error.message),
  );
});

modules("Linear refuses what it cannot multiply, with both shapes", () => {
  assert.throws(
    () => new nn.Linear(3, 4)(ones(5, 2)),
    (error: unknown) => error instanceof ShapeError && /\[5, 2\].*\[4, 3\]/.test(error.message),
  );
  assert.throws(
    () => new nn.Linear(0, 4),
    (error: unknown) => error instanceof ShapeError,
  );
});

modules("Flatten joins all dimensions but the first", () => {
  assert.equal(new nn.Flatten()(ones(2, 3, 4)).shape, [2, 12]);
  assert.equal(new nn.Flatten(0, 1)(ones(2, 3, 4)).shape, [6, 4]);
});

modules("zeroGrad sets gradients to null", () => {
  const layer = new nn.Linear(2, 2);
  layer(ones(1, 2)).sum().backward();
  assert.ok(layer.weight.grad);
  layer.zeroGrad();
  assert.is(layer.weight.grad, null);
});

modules("Parameter copies its values", async () => {
  const data = tensor([1, 2]);
  const parameter = new nn.Parameter(data);
  nn.init.constant_(parameter, 5);
  assert.equal(await data.data(), new Float32Array([1, 2]));
  assert.ok(parameter.requiresGrad);
});

modules.run();
