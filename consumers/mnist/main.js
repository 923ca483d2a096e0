import { init, manualSeed, nn, optim } from "torchlet";
import { loadMnist } from "torchlet/data";
import { fit } from "torchlet/train";

async function train(url) {
  await init({ device: "cpu" });
  manualSeed(7);
  const trainLoader = await loadMnist(url, { batchSize: 20, train: true });
  const testLoader = await loadMnist(url, { batchSize: 20, train: false });
  const model = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.001 });
  return fit(trainLoader, testLoader, model, new nn.CrossEntropyLoss(), optimizer, 3, { progress: false });
}

train(new URL("data", location.href).href).then((history) => {
  document.querySelector("output").textContent = JSON.stringify(history);
});
