import { DataLoader, TensorDataset } from "../../src/data/index.ts";
import { init, manualSeed, nn, optim, randn, type Tensor } from "../../src/index.ts";
import { readState } from "../../src/nn/state.ts";
import { fit, type Resumption } from "../../src/train/index.ts";
import type { WorkerRun } from "../../src/worker/index.ts";

/** 48 samples of 4 features and what a fixed linear map makes of them. */
async function line(): Promise<DataLoader> {
  const x = randn(48, 4);
  const y = x.matmul(randn(4, 1)).keep();
  return new DataLoader(new TensorDataset(x, y), { batchSize: 8, shuffle: true });
}

class Net extends nn.Module {
  layers = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(8, 1));

  forward(x: Tensor): Tensor {
    return this.layers(x);
  }
}

type Run = Pick<WorkerRun, "onStep" | "onEpoch" | "signal"> & Partial<Pick<WorkerRun, "checkpoints">>;

/** A fit of a small net, from seed 0, or from where it was cut short. */
export async function trainLine(run: Run, epochs: number) {
  await init({ device: "cpu" });
  manualSeed(0);
  const loader = await line();
  const model = new Net();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const { onStep, onEpoch, signal, checkpoints } = run;
  let resumed: Resumption | undefined;
  const onResume = (info: Resumption) => {
    resumed = info;
  };
  const options = { onStep, onEpoch, signal, onResume, progress: false, mode: "binary" as const, ...checkpoints };
  const history = await fit(loader, loader, model, new nn.MSELoss(), optimizer, epochs, options);
  const state = await readState(model);
  return { history, resumed, weights: Array.from(state.get("layers.0.weight")?.data as Float32Array) };
}
