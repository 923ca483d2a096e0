// A short training with whatever this engine has, and what diagnose says of it.
import { manualSeed } from "../../../src/core/random/state.ts";
import { tensor } from "../../../src/create.ts";
import { randn } from "../../../src/createRandom.ts";
import { type Diagnosis, diagnose, type InitOptions, init, isAvailable } from "../../../src/index.ts";
import { serializeState } from "../../../src/io/state.ts";
import * as nn from "../../../src/nn/index.ts";
import { readState } from "../../../src/nn/state.ts";
import { Adam } from "../../../src/optim/index.ts";
import { sha256 } from "../../support/sha256.ts";

interface Report {
  readonly cpu: boolean;
  readonly weights?: string;
  readonly found?: Diagnosis;
  /** The name and message of the error that init ended with. */
  readonly error?: string;
}

async function weights(): Promise<string> {
  manualSeed(4);
  const model = new nn.Sequential(new nn.Linear(20, 30), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(30, 4));
  const optimizer = new Adam(model.parameters());
  const y = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 4));
  for (let i = 0; i < 20; i++) {
    optimizer.zeroGrad();
    new nn.CrossEntropyLoss()(model(randn(16, 20)), y).backward();
    await optimizer.step();
  }
  return sha256(serializeState(await readState(model)));
}

export async function main(options: InitOptions = {}): Promise<Report> {
  const cpu = isAvailable("cpu");
  try {
    await init(options);
    return { cpu, weights: await weights(), found: diagnose() };
  } catch (error) {
    return { cpu, error: String(error) };
  }
}
