// What the types are to refuse; each expected error that does not come is one itself. This is compiled and never runs.
import * as lean from "torchlet/lean";
import { init, manualSeed, nn, optim, randn, type Tensor, tensor } from "torchlet";
import { DataLoader, loadMnist, TensorDataset } from "torchlet/data";
import { trainHeadless } from "torchlet/headless";
import { parse } from "torchlet/safetensors";
import { summary } from "torchlet/summary";
import { evaluate, fit } from "torchlet/train";
import { serveTraining, trainInWorker, type WorkerRun } from "torchlet/worker";

class TwoInputs extends nn.Module {
  forward(x: Tensor, y: Tensor): Tensor {
    return x.add(y);
  }
}

export async function misuse(): Promise<void> {
  // @ts-expect-error: no such device
  await init({ device: "gpu" });
  // @ts-expect-error: the lean entry needs the kernels
  await lean.init({ device: "cpu" });
  // @ts-expect-error: a seed is a number
  manualSeed("0");
  // @ts-expect-error: sizes are numbers
  new nn.Linear("3", 4);
  // @ts-expect-error: bias is on or off
  new nn.Linear(3, 4, { bias: 1 });
  // @ts-expect-error: modules take tensors
  new nn.ReLU()([1, 2, 3]);
  // @ts-expect-error: this module takes two
  new TwoInputs()(randn(2));
  // @ts-expect-error: no such dtype
  tensor([1], { dtype: "float64" });
  // @ts-expect-error: item is asynchronous
  randn(1).item().toFixed(2);
  // @ts-expect-error: an optimizer takes parameters, not a module
  new optim.Adam(new nn.Linear(1, 1));
  const data = new DataLoader(new TensorDataset(randn(4, 2), randn(4, 1)));
  for await (const [x, y] of data) {
    // @ts-expect-error: a tensor is no number
    Math.sqrt(x.add(y).sum());
  }
  // @ts-expect-error: a batch size is a number
  new DataLoader(new TensorDataset(randn(4, 2), randn(4, 1)), { batchSize: "2" });
  // @ts-expect-error: a root is needed
  await loadMnist();
  const [model, loss] = [new nn.Linear(2, 1), new nn.MSELoss()];
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  // @ts-expect-error: no such mode
  await fit(data, data, model, loss, optimizer, 1, { mode: "many" });
  // @ts-expect-error: a loss function is needed
  await evaluate(data, model);
  // @ts-expect-error: an input's shape is numbers
  summary(model, ["32", 2]);
  // @ts-expect-error: bytes, not text
  parse("{}");
  // @ts-expect-error: a page is needed
  await trainHeadless({ device: "cpu" });
}

interface Args {
  readonly lr: number;
}

const job = serveTraining(async (run: WorkerRun<Args>) => [run.args.lr, "done"] as const);

/** A run in a worker has the types of its job. */
export async function inWorker(worker: Parameters<typeof trainInWorker>[0]): Promise<number> {
  const training = trainInWorker<typeof job>(worker, {
    args: { lr: 0.1 },
    onEpoch: ({ valLoss }) => valLoss.toFixed(2),
  });
  // @ts-expect-error: the job wants a learning rate
  trainInWorker<typeof job>(worker, { args: { speed: 1 } });
  // @ts-expect-error: not a worker
  trainInWorker("train.worker.js");
  const [lr, text] = await training.result;
  // @ts-expect-error: a string
  text.toFixed(1);
  return lr;
}
