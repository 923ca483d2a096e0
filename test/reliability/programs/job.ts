// The reference job, step by step: MNIST in batches of 200, dropout 0.5, Adam.
import { DropoutModel } from "../../../src/cli/dropoutModel.ts";
import { manualSeed } from "../../../src/core/random/state.ts";
import { init } from "../../../src/index.ts";
import { serializeState } from "../../../src/io/state.ts";
import { CrossEntropyLoss } from "../../../src/nn/losses.ts";
import { readState } from "../../../src/nn/state.ts";
import { Adam } from "../../../src/optim/index.ts";
import type { Tensor } from "../../../src/tensor.ts";
import { sha256 } from "../../support/sha256.ts";

export type Batch = readonly [x: Tensor, y: Tensor];

/** A model, its optimizer and its loss, on one device. */
export class Job {
  readonly model: DropoutModel;
  readonly optimizer: Adam;
  readonly lossFn = new CrossEntropyLoss();
  readonly device: "cpu" | "webgpu";

  private constructor(device: "cpu" | "webgpu") {
    this.device = device;
    this.model = new DropoutModel(0.5);
    this.optimizer = new Adam(this.model.parameters(), { lr: 1e-3 });
  }

  /** From seed 0, on a device by name; it is the default device afterwards. */
  static async open(device: "cpu" | "webgpu", threads = 1): Promise<Job> {
    await init({ device, threads });
    manualSeed(0);
    return new Job(device);
  }

  /** One step of training. @returns the loss, still on the device */
  async step([x, y]: Batch): Promise<Tensor> {
    const loss = this.lossFn(this.model(x.to(this.device)), y.to(this.device));
    this.optimizer.zeroGrad();
    loss.backward();
    await this.optimizer.step();
    return loss;
  }

  /** SHA-256 of the weights as a safetensors file. */
  async hash(): Promise<string> {
    return sha256(serializeState(await readState(this.model)));
  }
}
