// The reference job in torchlet through its public entry points, wherever it runs.
import { loadMnist } from "../build/data.js";
import { init, manualSeed, nn, optim, readState, tensor } from "../build/index.js";
import { evaluate, fit } from "../build/train.js";
import { BATCH, drawBatch, growing } from "./model.mjs";
import { onnxModel } from "./onnx.mjs";

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

const lossFn = new nn.CrossEntropyLoss();
const adamOf = (model) => new optim.Adam(model.parameters(), { lr: 0.001 });

/** Trains a trainer's model on what `nextBatch` gives, and reads the last loss. */
export async function train({ model, optimizer }, count, nextBatch) {
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

/** A model of any shape on one batch, for `growing`. */
function grow({ batch, sizes, dropout, dense }) {
  const layers = sizes.slice(1).flatMap((outputs, index) => {
    const isLast = index === sizes.length - 2;
    const linear = new nn.Linear(sizes[index], outputs);
    return [linear, ...(isLast ? [] : [new nn.ReLU()]), ...(dropout > 0 ? [new nn.Dropout(dropout)] : [])];
  });
  const model = new nn.Sequential(...layers);
  const optimizer = adamOf(model);
  const { x, y } = drawBatch(batch, dense);
  const data = [tensor(x, { shape: [batch, sizes[0]] }), tensor(y, { shape: [batch], dtype: "int32" })];
  return { steps: (count) => train({ model, optimizer }, count, () => data), dispose() {} };
}

/** The bytes of the model's weights in an ONNX file, as base64. */
async function toOnnx(model) {
  const entries = [...(await readState(model))];
  const layers = entries
    .filter(([name]) => name.endsWith(".weight"))
    .map(([name, { data, shape }]) => {
      const [, bias] = entries.find(([other]) => other === name.replace(/weight$/, "bias"));
      return { ins: shape[1], outs: shape[0], weight: data, bias: bias.data };
    });
  let text = "";
  for (const byte of onnxModel(layers)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The loader's batches without end; a new epoch begins where the last one ended. */
function endless(loader) {
  let batches = loader[Symbol.asyncIterator]();
  return async () => {
    const { done, value } = await batches.next();
    if (!done) return value;
    batches = loader[Symbol.asyncIterator]();
    return (await batches.next()).value;
  };
}

/** A new reference model with its Adam and the batches of a loader: `{ model, optimizer, nextBatch }`. */
export function newReferenceTrainer(device, loader) {
  const model = new DropoutModel().to(device);
  return { model, optimizer: adamOf(model), nextBatch: endless(loader) };
}

/**
 * The job on a device, for `servePeer`. `onnx()` gives the weights as an ONNX file for those that cannot train.
 *
 * @param options what `init` takes
 * @param data where the IDX files lie, as `loadMnist` takes it
 */
export async function startTorchlet(options, data) {
  const device = await init(options);
  manualSeed(0);
  const trainLoader = await loadMnist(data, { batchSize: BATCH, train: true });
  const testLoader = await loadMnist(data, { batchSize: BATCH, train: false });

  const newTrainer = () => newReferenceTrainer(device, trainLoader);
  let trainer = newTrainer();
  return {
    restart() {
      trainer = newTrainer();
    },
    steps: (count) => train(trainer, count, trainer.nextBatch),
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
    grow: growing(grow),
    onnx: async () => ({ onnx: await toOnnx(trainer.model) }),
  };
}
