import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DropoutModel } from "../../src/cli/dropoutModel.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { CrossEntropyLoss } from "../../src/nn/losses.ts";
import { type HostValue, readState } from "../../src/nn/state.ts";
import { serializeState } from "../../src/io/state.ts";
import { Adam } from "../../src/optim/index.ts";
import { useCpu } from "../support/device.ts";
import { mnistLoader } from "../support/mnist.ts";
import { sha256 } from "../support/sha256.ts";

const engines = suite("every engine computes the same");
engines.before(useCpu);

/**
 * SHA-256 of the weights (as a safetensors file) after 100 steps of the reference job with seed 0, for each kind of dropout
 * mask. It says that V8 (Node, Deno, Chromium), SpiderMonkey (Firefox) and JavaScriptCore (Bun) agree to the bit, whichever of
 * them it was taken from; that they agree with PyTorch is tested in `parity.test.ts`. A change of a kernel's order of
 * operations changes it: then it is renewed from the message of this test, after the parity tests have passed.
 */
const WEIGHTS = {
  philox: "376b85269a0f1c0ae25e7a56bbaf47d86813951b79d8cb7ea79fa31b63bc97cf",
  torch: "4d595a487e652d9eb6fc412c8c4c1aa9a53bad2144fb67aa45bca2da89c87921",
};

/** The reference job's ten parameters after its first steps. */
async function weightsAfter(steps: number, dropout: "philox" | "torch"): Promise<Map<string, HostValue>> {
  manualSeed(0, { dropout });
  const model = new DropoutModel(0.5);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const lossFn = new CrossEntropyLoss();
  let step = 0;
  for await (const [x, y] of await mnistLoader(true)) {
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    if (++step === steps) break;
  }
  assert.is(step, steps);
  return readState(model);
}

for (const dropout of ["philox", "torch"] as const)
  engines(`100 steps of the reference job with ${dropout} masks end in the same bits`, async () => {
    const weights = await weightsAfter(100, dropout);
    assert.is(weights.size, 10);
    assert.is(await sha256(serializeState(weights)), WEIGHTS[dropout]);
  });

engines.run();
