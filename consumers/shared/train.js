// The training of every app here; a copy lies beside each app's own files.
import { diagnose, init, manualSeed, nn, optim, randn, readState } from "torchlet";
import { DataLoader, TensorDataset } from "torchlet/data";
import { serialize } from "torchlet/safetensors";
import { summary } from "torchlet/summary";
import { fit } from "torchlet/train";

class SmallNet extends nn.Module {
  static typeName = "SmallNet"; // a minifier renames the class, and the summary is to show its name

  constructor() {
    super();
    this.body = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Dropout(0.25));
    this.head = new nn.Linear(32, 4);
  }

  forward(x) {
    return this.head(this.body(x));
  }
}

/** Points in 16 dimensions, and which of 4 random directions each lies along most. */
function makeData(samples, directions) {
  const x = randn(samples, 16);
  return new TensorDataset(x, x.matmul(directions).argmax(1));
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The file of the weights that PyTorch would load. */
async function safetensors(model) {
  const state = await readState(model);
  return serialize(Array.from(state, ([name, { shape, data }]) => [name, { dtype: "F32", shape, data }]));
}

/**
 * Trains the net, 16 steps an epoch.
 *
 * @param options options of `init` as `init`, `epochs`, and options of `fit` such as `onEpoch`
 * @returns how it ended, losses of the epochs, the SHA-256 of the trained weights, the summary, and what computed
 */
export async function train({ init: more, epochs = 3, ...options } = {}) {
  const device = await init({ device: "cpu", ...more });
  manualSeed(7);
  const directions = randn(16, 4).keep();
  const trainLoader = new DataLoader(makeData(512, directions), { batchSize: 32, shuffle: true });
  const testLoader = new DataLoader(makeData(128, directions), { batchSize: 32 });
  const model = new SmallNet().to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const lossFn = new nn.CrossEntropyLoss();
  const history = await fit(trainLoader, testLoader, model, lossFn, optimizer, epochs, { progress: false, ...options });
  return {
    status: history.status,
    loss: history.trainLoss,
    weights: await sha256(await safetensors(model)),
    summary: summary(model, [32, 16]),
    device: diagnose().device,
    threads: diagnose().threads,
    isolated: diagnose().crossOriginIsolated,
  };
}
