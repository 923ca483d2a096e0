// Trains on MNIST and saves the best weights as safetensors:
//   deno run --allow-read=data --allow-write=runs train.ts data runs/digits.safetensors 10
import { init, manualSeed, nn, optim } from "torchlet";
import { loadMnist } from "torchlet/data";
import { summary } from "torchlet/summary";
import { fit } from "torchlet/train";
import { DropoutModel } from "./model.ts";

const [data, saveModelPath, epochs = "10"] = Deno.args;
if (data === undefined || saveModelPath === undefined) {
  console.error("usage: train.ts FOLDER-OF-MNIST FILE.safetensors [EPOCHS]");
  Deno.exit(2);
}

const device = await init();
manualSeed(0);
const trainLoader = await loadMnist(data, { batchSize: 200, train: true }); // shuffled
const testLoader = await loadMnist(data, { batchSize: 200, train: false });

const model = new DropoutModel(0.5).to(device);
console.log(summary(model, [200, 1, 28, 28]));

const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
await fit(trainLoader, testLoader, model, lossFn, optimizer, Number(epochs), {
  device,
  saveBestModel: true,
  saveModelPath,
});
console.log(`${saveModelPath} holds the weights of the best epoch`);
