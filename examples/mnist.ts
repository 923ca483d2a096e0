// The dropout notebook: MNIST, a Dropout after every block, ten epochs. It runs in Node, in Deno and in a page.
import { init, manualSeed, nn, optim, type Tensor } from "torchlet";
import { loadMnist } from "torchlet/data";
import { summary } from "torchlet/summary";
import { fit } from "torchlet/train";

export class DropoutModel extends nn.Module {
  b1;
  b2;
  b3;
  b4;
  output;

  constructor(dropRate = 0.5) {
    super();
    this.b1 = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b2 = new nn.Sequential(new nn.Linear(256, 256), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b3 = new nn.Sequential(new nn.Linear(256, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.b4 = new nn.Sequential(new nn.Linear(128, 128), new nn.ReLU(), new nn.Dropout(dropRate));
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(dropRate));
  }

  forward(x: Tensor) {
    let out = new nn.Flatten()(x);
    out = this.b1(out);
    out = this.b2(out);
    out = this.b3(out);
    out = this.b4(out);
    return this.output(out);
  }
}

/**
 * @param root the folder (in a page: the URL) that holds MNIST's four IDX files
 * @param wish what to compute on; the faster of CPU and GPU by default
 */
export async function main(root = "datasets", epochs = 10, wish: "auto" | "cpu" | "webgpu" = "auto") {
  const device = await init({ device: wish });
  manualSeed(0);
  const trainLoader = await loadMnist(root, { batchSize: 200, train: true }); // shuffled
  const testLoader = await loadMnist(root, { batchSize: 200, train: false });

  const model = new DropoutModel(0.5).to(device);
  console.log(summary(model, [200, 1, 28, 28]));

  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
  return fit(trainLoader, testLoader, model, lossFn, optimizer, epochs, {
    saveBestModel: false,
    earlyStopping: false,
    device,
    mode: "multi",
  });
}
