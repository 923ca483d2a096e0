// The same training in TypeScript. It uses no global of a platform, so it compiles without the library "DOM".
import { type Device, diagnose, init, manualSeed, nn, optim, randn, readState, type Tensor } from "torchlet";
import { DataLoader, TensorDataset } from "torchlet/data";
import { serialize } from "torchlet/safetensors";
import { summary } from "torchlet/summary";
import { type EpochInfo, fit, type History } from "torchlet/train";

export class SmallNet extends nn.Module {
  static override readonly typeName = "SmallNet";
  readonly body = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Dropout(0.25));
  readonly head = new nn.Linear(32, 4);

  forward(x: Tensor): Tensor {
    return this.head(this.body(x));
  }
}

function makeData(samples: number, directions: Tensor): TensorDataset {
  const x = randn(samples, 16);
  return new TensorDataset(x, x.matmul(directions).argmax(1));
}

async function safetensors(model: nn.Module): Promise<Uint8Array<ArrayBuffer>> {
  const state = await readState(model);
  return serialize(Array.from(state, ([name, { shape, data }]) => [name, { dtype: "F32", shape, data }] as const));
}

export interface Report {
  readonly loss: readonly number[];
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly summary: string;
  readonly device: string;
  readonly threads: number;
  readonly isolated: boolean;
}

export async function train(onEpoch: (info: EpochInfo) => void): Promise<Report> {
  const device: Device = await init({ device: "cpu" });
  manualSeed(7);
  const directions = randn(16, 4).keep();
  const trainLoader = new DataLoader(makeData(512, directions), { batchSize: 32, shuffle: true });
  const testLoader = new DataLoader(makeData(128, directions), { batchSize: 32 });
  const model = new SmallNet().to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const lossFn = new nn.CrossEntropyLoss();
  const options = { progress: false, onEpoch };
  const history: History = await fit(trainLoader, testLoader, model, lossFn, optimizer, 3, options);
  return {
    loss: history.trainLoss,
    weights: await safetensors(model),
    summary: summary(model, [32, 16]),
    device: diagnose().device,
    threads: diagnose().threads,
    isolated: diagnose().crossOriginIsolated,
  };
}
