import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Tensor } from "../../src/tensor.ts";
import { useDevice } from "../support/device.ts";
import { readJson } from "../support/files.ts";
import { fromStored, type GoldenCase, nameOf, RUNS, type Stored } from "../support/golden.ts";
import { readTensors, type StoredTensor } from "../support/tensors.ts";

const golden = suite("operations like PyTorch's");
golden.before(useDevice);

const { cases } = await readJson<{ cases: GoldenCase[] }>("test/golden/ops.json");
const tensors = await readTensors("test/golden/ops.safetensors");

const stored = (where: Stored): StoredTensor => {
  const found = tensors.get(nameOf(where));
  if (found === undefined) throw new Error(`the golden file has no ${nameOf(where)}`);
  return found;
};

/**
 * max |diff| / max(1, |truth|) against the float64 truth. PyTorch in float32 stays within 9.9e-7 for elementwise operations,
 * softmax and losses, and within 6.5e-6 for products, whose order of summation is free.
 */
const toleranceOf = (op: string): number => (op === "linear" || op === "matmul" ? 2e-5 : 3e-6);

async function compare(what: string, found: Tensor, where: Stored, tolerance: number): Promise<void> {
  const expected = stored(where);
  assert.equal(found.shape, expected.shape, `${what}: shape`);
  const data = await found.data();
  Array.from(expected.data, Number).forEach((truth, i) => {
    const value = data[i] as number;
    const same = Object.is(value, truth) || value === truth || (Number.isNaN(value) && Number.isNaN(truth));
    const error = Math.abs(value - truth) / Math.max(1, Math.abs(truth));
    assert.ok(same || error <= tolerance, `${what}: element ${i} is ${value}, expected ${truth}`);
  });
}

golden("the operations that are left out are those of later versions", () => {
  const missing = new Set(cases.map(({ op }) => op).filter((op) => RUNS[op] === undefined));
  const later = ["batch_norm1d", "conv2d", "embedding", "gelu", "layer_norm", "leaky_relu", "max_pool2d"];
  assert.equal([...missing].sort(), later);
});

for (const each of cases) {
  const run = RUNS[each.op];
  if (run === undefined) continue;
  golden(`${each.name}: forward and every gradient`, async () => {
    const inputs = Object.fromEntries(
      Object.entries(each.inputs).map(([name, where]) => {
        const input = fromStored(stored(where));
        if (each.grads?.[name]) input.requiresGrad = true;
        return [name, input];
      }),
    );
    const output = run(inputs, each.attrs);
    await compare("output", output, each.outputs["0"] as Stored, toleranceOf(each.op));
    if (!each.grads || each.gout === undefined) return;
    output.backward(fromStored(stored(each.gout)));
    for (const [name, where] of Object.entries(each.grads)) {
      const gradient = inputs[name]?.grad;
      assert.ok(gradient, `no gradient of ${name}`);
      if (gradient) await compare(`gradient of ${name}`, gradient, where, toleranceOf(each.op));
    }
  });
}

golden.run();
