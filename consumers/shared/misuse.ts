// What the types are to refuse; each expected error that does not come is one itself. Nothing of this runs.
import * as lean from "torchlet/lean";
import { init, manualSeed, nn, optim, randn, type Tensor, tensor } from "torchlet";
import { DataLoader, loadMnist, TensorDataset } from "torchlet/data";
import { trainHeadless } from "torchlet/headless";
import { parse } from "torchlet/safetensors";
import { summary } from "torchlet/summary";
import { evaluate, fit } from "torchlet/train";

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
  const value: number = randn(1).item();
  // @ts-expect-error: an optimizer takes parameters, not a module
  new optim.Adam(new nn.Linear(1, 1));
  const data = new DataLoader(new TensorDataset(randn(4, 2), randn(4, 1)));
  for await (const [x, y] of data) {
    const both: Tensor = x.add(y);
    // @ts-expect-error: a tensor is no number
    const sum: number = both.sum();
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
