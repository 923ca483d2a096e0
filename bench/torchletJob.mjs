// The reference job in torchlet through its public entry points, wherever it runs.
import { loadMnist } from "../build/data.js";
import { init, manualSeed, nn, optim } from "../build/index.js";
import { evaluate, fit } from "../build/train.js";

const BATCH = 200;

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

/**
 * The job on a device, for `servePeer`.
 *
 * @param options what `init` takes
 * @param data where the IDX files lie, as `loadMnist` takes it
 */
export async function startTorchlet(options, data) {
  const device = await init(options);
  manualSeed(0);
  const trainLoader = await loadMnist(data, { batchSize: BATCH, train: true });
  const testLoader = await loadMnist(data, { batchSize: BATCH, train: false });
  const lossFn = new nn.CrossEntropyLoss();

  function newTrainer() {
    const model = new DropoutModel().to(device);
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
    return { model, optimizer, batches: trainLoader[Symbol.asyncIterator]() };
  }

  let trainer = newTrainer();

  /** The loader's next batch; a new epoch begins where the last one ended. */
  async function nextBatch() {
    const { done, value } = await trainer.batches.next();
    if (!done) return value;
    trainer.batches = trainLoader[Symbol.asyncIterator]();
    return (await trainer.batches.next()).value;
  }

  return {
    restart() {
      trainer = newTrainer();
    },
    async steps(count) {
      const { model, optimizer } = trainer;
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
    },
    async evaluate() {
      return { samples: testLoader.dataset.length, ...(await evaluate(testLoader, trainer.model, lossFn)) };
    },
    async job(epochs) {
      const { model, optimizer } = newTrainer();
      const history = await fit(trainLoader, testLoader, model, lossFn, optimizer, epochs, {
        saveBestModel: false,
        earlyStopping: false,
        device,
        mode: "multi",
        progress: false,
      });
      return { loss: history.valLoss.at(-1), accuracy: history.valAccuracy.at(-1) };
    },
  };
}
