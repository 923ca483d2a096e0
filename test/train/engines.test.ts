import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DropoutModel } from "../../src/cli/dropoutModel.ts";
import { manualSeed } from "../../src/core/random/state.ts";
import { CrossEntropyLoss } from "../../src/nn/losses.ts";
import { readState } from "../../src/nn/state.ts";
import { serializeState } from "../../src/io/state.ts";
import { Adam } from "../../src/optim/index.ts";
import { useCpu } from "../support/device.ts";
import { mnistLoader } from "../support/mnist.ts";
import { sha256 } from "../support/sha256.ts";

const engines = suite("every engine computes the same");
engines.before(useCpu);

/**
 * SHA-256 of the weights (as a safetensors file) after 100 steps of the reference job with seed 0. It says that V8 in Node,
 * Deno and Chromium agree to the bit; that they agree with PyTorch is tested in `parity.test.ts`. A change of a kernel's
 * order of operations changes it: then it is renewed from the message of this test, after the parity tests have passed.
 */
const WEIGHTS = "376b85269a0f1c0ae25e7a56bbaf47d86813951b79d8cb7ea79fa31b63bc97cf";

engines("100 steps of the reference job end in the same bits", async () => {
  manualSeed(0);
  const model = new DropoutModel(0.5);
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const lossFn = new CrossEntropyLoss();
  let step = 0;
  for await (const [x, y] of await mnistLoader(true)) {
    const loss = lossFn(model(x), y);
    optimizer.zeroGrad();
    loss.backward();
    await optimizer.step();
    if (++step === 100) break;
  }
  assert.is(await sha256(serializeState(await readState(model))), WEIGHTS);
});

engines.run();
